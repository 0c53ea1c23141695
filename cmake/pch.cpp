// Carrier of the precompiled header (cmake/components.cmake).
