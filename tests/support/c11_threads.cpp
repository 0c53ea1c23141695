// The C11 threads that librdkafka uses, made of POSIX threads. glibc's own go past what ThreadSanitizer intercepts: it
// would know neither the threads (and crash in them) nor what their locks order. Only in builds for ThreadSanitizer; in
// glibc both kinds have the same types inside.
#include <pthread.h>
#include <threads.h>

#include <cerrno>
#include <cstdint>
#include <memory>

namespace {

struct start {
  thrd_start_t function;
  void* argument;
};

extern "C" void* run(void* raw) {
  const auto s = *std::unique_ptr<start>(static_cast<start*>(raw));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(s.function(s.argument)));
}

int result(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    case ENOMEM:
      return thrd_nomem;
    default:
      return thrd_error;
  }
}

auto* posix(mtx_t* m) { return reinterpret_cast<pthread_mutex_t*>(m); }
auto* posix(cnd_t* c) { return reinterpret_cast<pthread_cond_t*>(c); }
static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto s = std::make_unique<start>(function, argument);
  const int error = ::pthread_create(thread, nullptr, run, s.get());
  if (error == 0) s.release();
  return result(error);
}
int thrd_join(thrd_t thread, int* code) {
  void* returned = nullptr;
  const int error = ::pthread_join(thread, &returned);
  if (code != nullptr) *code = static_cast<int>(reinterpret_cast<std::intptr_t>(returned));
  return result(error);
}
int thrd_detach(thrd_t thread) { return result(::pthread_detach(thread)); }

int mtx_init(mtx_t* m, int type) {
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0) ::pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = ::pthread_mutex_init(posix(m), &attributes);
  ::pthread_mutexattr_destroy(&attributes);
  return result(error);
}
int mtx_lock(mtx_t* m) { return result(::pthread_mutex_lock(posix(m))); }
int mtx_trylock(mtx_t* m) { return result(::pthread_mutex_trylock(posix(m))); }
int mtx_unlock(mtx_t* m) { return result(::pthread_mutex_unlock(posix(m))); }
void mtx_destroy(mtx_t* m) { ::pthread_mutex_destroy(posix(m)); }

int cnd_init(cnd_t* c) { return result(::pthread_cond_init(posix(c), nullptr)); }
int cnd_signal(cnd_t* c) { return result(::pthread_cond_signal(posix(c))); }
int cnd_broadcast(cnd_t* c) { return result(::pthread_cond_broadcast(posix(c))); }
int cnd_wait(cnd_t* c, mtx_t* m) { return result(::pthread_cond_wait(posix(c), posix(m))); }
int cnd_timedwait(cnd_t* c, mtx_t* m, const timespec* until) {
  return result(::pthread_cond_timedwait(posix(c), posix(m), until));
}
void cnd_destroy(cnd_t* c) { ::pthread_cond_destroy(posix(c)); }

}  // extern "C"
