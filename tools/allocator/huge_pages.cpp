// The memory of our programs in huge pages, where Linux has some: a large simulation touches megabytes in no order, and with
// pages of 4 KiB every other access would have its address looked up first. A tenth of a run's time (bench/RESULTS.md).
//
// mimalloc has an option for it, which is off unless the environment says otherwise (MIMALLOC_LARGE_OS_PAGES=0 keeps it off).
// What it allocated before it could be asked, its first segment, is a mapping of its own.
#include <mimalloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <memory>

namespace {

/// Advises the mapping that memory of today comes from. Merely a hint: whatever fails, fails quietly.
void advise_first_segment() {
  const auto probe = std::make_unique<char>();
  const auto wanted = reinterpret_cast<std::uintptr_t>(probe.get());
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long long begin = 0, end = 0;
    if (std::sscanf(line, "%llx-%llx", &begin, &end) != 2 || wanted < begin || wanted >= end) continue;
    (void)madvise(reinterpret_cast<void*>(static_cast<std::uintptr_t>(begin)), static_cast<std::size_t>(end - begin), MADV_HUGEPAGE);
    break;
  }
  (void)std::fclose(maps);
}

/// Before main, and before a simulation is there.
[[maybe_unused]] const bool asked = [] {
  mi_option_set_enabled_default(mi_option_large_os_pages, true);
  if (mi_option_is_enabled(mi_option_large_os_pages)) advise_first_segment();
  return true;
}();

}  // namespace
