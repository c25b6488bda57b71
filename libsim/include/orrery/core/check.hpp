#pragma once
// Checks for bugs of our own code. Bad input is never reported this way: see diagnostic.hpp.
// Not included by other public headers, so that only those who use the macros need {fmt}.
//
//   ORRERY_CHECK(at >= now_, "event at {} is before now {}", at, now_);
#include <fmt/format.h>

#include <string_view>

namespace orrery {

/// Prints `file:line: check failed: condition: message` to stderr and aborts. Never returns, never throws.
[[noreturn]] void check_failed(const char* condition, const char* file, int line, std::string_view message) noexcept;

}  // namespace orrery

/// On in every build. The message (an fmt format string and its arguments) is optional and formatted only on failure.
#define ORRERY_CHECK(condition, ...)                                                                 \
  do {                                                                                               \
    if (!(condition)) [[unlikely]]                                                                   \
      ::orrery::check_failed(#condition, __FILE__, __LINE__, {__VA_OPT__(::fmt::format(__VA_ARGS__))}); \
  } while (false)

/// For invariants too costly for every run: compiled always, evaluated only with ORRERY_VALIDATE.
#ifdef ORRERY_VALIDATE
#define ORRERY_DCHECK(...) ORRERY_CHECK(__VA_ARGS__)
#else
#define ORRERY_DCHECK(...)                   \
  do {                                       \
    if (false) { ORRERY_CHECK(__VA_ARGS__); } \
  } while (false)
#endif
