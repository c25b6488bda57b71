#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "allocator/recent_blocks.hpp"

using orrery::RecentBlocks;

TEST_CASE("what was released last is allocated first, for sizes of the same sixteen bytes") {
  void* const a = RecentBlocks::allocate(33);
  void* const b = RecentBlocks::allocate(40);
  RecentBlocks::release(a, 33);
  RecentBlocks::release(b, 40);
  CHECK(RecentBlocks::allocate(48) == b);
  CHECK(RecentBlocks::try_allocate(47) == a);
  void* const other = RecentBlocks::allocate(49);
  CHECK(other != a);
  CHECK(other != b);
  for (const auto& [p, size] : {std::pair{a, 48}, {b, 48}, {other, 49}}) RecentBlocks::release(p, static_cast<std::size_t>(size));
}

TEST_CASE("every byte that was asked for can be written, and all of it may go to free") {
  for (const std::size_t size : std::vector<std::size_t>{0, 1, 15, 16, 17, 255, 256, 257, 100'000}) {
    auto* const p = static_cast<unsigned char*>(RecentBlocks::allocate(size));
    REQUIRE(p != nullptr);
    for (std::size_t i = 0; i < size; ++i) p[i] = 0xff;
    RecentBlocks::release(p, size);
    std::free(RecentBlocks::allocate(size));
  }
  RecentBlocks::release(nullptr, 8);
}

TEST_CASE("a crowd of blocks is not kept, and none is handed out twice") {
  std::vector<void*> all;
  for (int i = 0; i < 10'000; ++i) all.push_back(RecentBlocks::allocate(64));
  for (void* p : all) RecentBlocks::release(p, 64);
  for (void*& p : all) p = RecentBlocks::allocate(64);
  std::vector<void*> sorted = all;
  std::sort(sorted.begin(), sorted.end());
  CHECK(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end());
  for (void* p : all) RecentBlocks::release(p, 64);
}
