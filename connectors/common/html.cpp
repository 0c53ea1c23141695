#include "connectors/common/html.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "connectors/common/idn.hpp"
#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool one_of(std::string_view name, const std::array<std::string_view, N>& names) noexcept {
  return std::ranges::find(names, name) != names.end();
}

// With an empty line around them, and without one.
constexpr std::array<std::string_view, 16> paragraphs{"p",   "h1",      "h2",      "h3", "h4",    "h5",
                                                      "h6",  "ul",      "ol",      "dl", "table", "blockquote",
                                                      "pre", "article", "section", "hr"};
constexpr std::array<std::string_view, 17> lines{"div",  "li",     "tr",     "dt",         "dd",     "form",
                                                 "main", "header", "footer", "aside",      "nav",    "address",
                                                 "body", "center", "figure", "figcaption", "caption"};
constexpr std::array<std::string_view, 7> unseen{"script",   "style",  "title", "template",
                                                 "noscript", "iframe", "object"};

constexpr std::pair<std::string_view, char32_t> named[] = {
    {"amp", U'&'},      {"apos", U'\''},   {"bdquo", 0x201E},  {"bull", 0x2022},   {"dagger", 0x2020},
    {"emsp", U' '},     {"ensp", U' '},    {"euro", 0x20AC},   {"gt", U'>'},       {"hellip", 0x2026},
    {"larr", 0x2190},   {"ldquo", 0x201C}, {"lsaquo", 0x2039}, {"lsquo", 0x2018},  {"lt", U'<'},
    {"mdash", 0x2014},  {"minus", 0x2212}, {"ndash", 0x2013},  {"oelig", 0x0153},  {"OElig", 0x0152},
    {"permil", 0x2030}, {"quot", U'"'},    {"rarr", 0x2192},   {"rdquo", 0x201D},  {"rsaquo", 0x203A},
    {"rsquo", 0x2019},  {"sbquo", 0x201A}, {"scaron", 0x0161}, {"Scaron", 0x0160}, {"thinsp", U' '},
    {"trade", 0x2122},  {"zwj", 0x200D},   {"zwnj", 0x200C},
};
// U+00A0 to U+00FF; a no-break space reads as a space.
constexpr std::array<std::string_view, 96> latin1{
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",    "copy",   "ordf",
    "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",  "micro",
    "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave",
    "Aacute", "Acirc",  "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",
    "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",
    "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",  "szlig",  "agrave", "aacute",
    "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide",
    "oslash", "ugrave", "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};
// What &#128; to &#159; mean in practice: Windows-1252.
constexpr std::array<char16_t, 32> windows{0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                           0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
                                           0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                           0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

char32_t numbered(std::string_view digits, int base) noexcept {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return 0xFFFD;
  if (value >= 0x80 && value <= 0x9F) return windows[value - 0x80];
  if (value == 0xA0) return U' ';
  const bool control = (value < 0x20 && value != '\n' && value != '\t') || value == 0x7F;
  return control || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF) ? 0xFFFD : value;
}

// The character reference at the front of `text` ("&…"): what it stands for and its length; a length of 0: none.
std::pair<char32_t, std::size_t> reference(std::string_view text) noexcept {
  constexpr std::size_t longest = 32;
  std::size_t end = 1;
  if (end < text.size() && text[end] == '#') ++end;
  while (end < text.size() && end < longest && (is_letter(text[end]) || is_digit(text[end]))) ++end;
  std::string_view name = text.substr(1, end - 1);
  const std::size_t length = end < text.size() && text[end] == ';' ? end + 1 : end;
  if (name.starts_with("#x") || name.starts_with("#X"))
    return name.size() > 2 ? std::pair(numbered(name.substr(2), 16), length) : std::pair(U'\0', std::size_t{0});
  if (name.starts_with('#'))
    return name.size() > 1 ? std::pair(numbered(name.substr(1), 10), length) : std::pair(U'\0', std::size_t{0});
  if (length == end) return {0, 0};  // names end with a semicolon, or "a&copy=b" would change
  if (const auto found = std::ranges::find(named, name, &std::pair<std::string_view, char32_t>::first);
      found != std::end(named))
    return {found->second, length};
  if (const auto found = std::ranges::find(latin1, name); found != latin1.end())
    return {found == latin1.begin() ? U' ' : static_cast<char32_t>(0xA0 + (found - latin1.begin())), length};
  return {0, 0};
}

class reader {
 public:
  explicit reader(std::string_view html) : html_(html) {
    out_.reserve(html.size() / 4);
    last_quote_ = {html.rfind('"'), html.rfind('\'')};
  }

  std::string read() {
    while (at_ < html_.size()) {
      const char c = html_[at_];
      if (c == '<' && markup()) continue;
      if (c == '&') {
        if (const auto [character, length] = reference(html_.substr(at_)); length > 0) {
          begin_text();
          append_utf8(out_, character);
          at_ += length;
          continue;
        }
      }
      ++at_;
      if (c == '\n' && verbatim_ > 0)
        pending_lines_ = std::min(pending_lines_ + 1, most_lines);
      else if (is_space(c) && verbatim_ == 0)
        pending_space_ = true;
      else if (c != '\r' && c != '\0')
        begin_text(), out_ += c;
    }
    while (!out_.empty() && is_space(out_.back())) out_.pop_back();
    return std::move(out_);
  }

 private:
  static constexpr int most_lines = 2;

  void begin_text() {
    if (pending_lines_ > 0) {
      while (!out_.empty() && out_.back() == ' ') out_.pop_back();
      if (!out_.empty()) out_.append(static_cast<std::size_t>(pending_lines_), '\n');
    } else if (pending_space_ && !out_.empty() && !is_space(out_.back())) {
      out_ += ' ';
    }
    pending_lines_ = 0;
    pending_space_ = false;
  }
  void break_lines(int count) { pending_lines_ = std::max(pending_lines_, count); }

  void skip_past(std::string_view what) {
    const std::size_t found = html_.find(what, at_);
    at_ = found == std::string_view::npos ? html_.size() : found + what.size();
  }

  // False when what begins with '<' is no markup.
  bool markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) return skip_past("-->"), true;
    if (rest.starts_with("<!") || rest.starts_with("<?")) return skip_past(">"), true;
    const bool closing = rest.starts_with("</");
    std::size_t end = closing ? 2 : 1;
    if (end >= rest.size() || !is_letter(rest[end])) return false;
    const std::size_t begin = end;
    while (end < rest.size() && end - begin < 16 && (is_letter(rest[end]) || is_digit(rest[end]))) ++end;
    const std::string name = lower(rest.substr(begin, end - begin));
    at_ += end;
    end_tag();
    if (!closing && one_of(name, unseen)) return skip_element(name), true;
    tag(name, closing);
    return true;
  }

  // To behind the '>' that no quoted value holds.
  void end_tag() {
    const std::size_t start = at_;
    char before = 0;
    while (at_ < html_.size()) {
      const char c = html_[at_++];
      if (c == '>') return;
      if (before == '=' && (c == '"' || c == '\'')) {
        const std::size_t last = c == '"' ? last_quote_.first : last_quote_.second;
        if (last < at_) {  // never closed: the tag ends at its first '>'
          at_ = start;
          return skip_past(">");
        }
        at_ = html_.find(c, at_) + 1;
      }
      if (!is_space(c)) before = c;
    }
  }

  void skip_element(std::string_view name) {
    while (at_ < html_.size()) {
      skip_past("</");
      if (equal_without_case(html_.substr(at_, name.size()), name)) return end_tag();
    }
  }

  void tag(std::string_view name, bool closing) {
    if (name == "br") {
      pending_lines_ = std::min(pending_lines_ + 1, most_lines);
    } else if (name == "td" || name == "th") {
      pending_space_ = true;
    } else if (one_of(name, paragraphs)) {
      if (name == "pre") verbatim_ = std::max(0, verbatim_ + (closing ? -1 : 1));
      break_lines(2);
    } else if (one_of(name, lines)) {
      break_lines(1);
      if (name == "li" && !closing) begin_text(), out_ += "- ";
    }
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::string out_;
  std::pair<std::size_t, std::size_t> last_quote_;  // of the whole text, so that no search is made twice in vain
  int pending_lines_ = 0, verbatim_ = 0;
  bool pending_space_ = false;
};

}  // namespace

std::string text_of_html(std::string_view utf8) { return reader(utf8).read(); }

std::vector<std::string> content_ids_of_html(std::string_view utf8) {
  constexpr std::size_t most = 1000, longest = 512;
  std::vector<std::string> out;
  for (std::size_t at = utf8.find("cid:"); at != std::string_view::npos && out.size() < most;
       at = utf8.find("cid:", at + 4)) {
    const std::string_view rest = utf8.substr(at + 4, longest);
    std::string id;
    if (unescape(rest.substr(0, rest.find_first_of("\"'<>() \t\r\n")), id) && !id.empty()) out.push_back(std::move(id));
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace switchboard::connectors
