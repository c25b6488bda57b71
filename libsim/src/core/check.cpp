#include "orrery/core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace orrery {

void check_failed(const char* condition, const char* file, int line, std::string_view message) noexcept {
  std::fprintf(stderr, "%s:%d: check failed: %s%s%.*s\n", file, line, condition, message.empty() ? "" : ": ",
               static_cast<int>(message.size()), message.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace orrery
