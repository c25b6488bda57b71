#pragma once
// What was freed last is used again first: in front of whatever malloc there is, for the global operator new of a program.
//
// mimalloc hands out the blocks of a page one after the other, all round. A simulation replaces small objects all the time, and a block
// that went the whole way round has left the caches: its first word, the link to the next free one, is waited for. So a few blocks of
// each small size wait here, the last on top: a twentieth of a run's time (bench/RESULTS.md).
#include <array>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace orrery {

/// Of one thread, for as long as the program runs. All of it are blocks of malloc, so that what comes from here may go to std::free as well;
/// but what is released here must come from here.
/// Holds on to half a megabyte at most. O(1).
class RecentBlocks {
 public:
  /// Null where there is no memory.
  static void* try_allocate(std::size_t size) noexcept {
    const std::size_t i = stack_of(size);
    if (i >= kStacks) return std::malloc(size == 0 ? 1 : size);
    Stack& s = stacks_[i];
    if (s.top == nullptr) return std::malloc((i + 1) * kStep);
    Block* const block = s.top;
    s.top = block->next;
    --s.height;
    return block;
  }
  static void* allocate(std::size_t size) {
    void* const p = try_allocate(size);
    if (p == nullptr) throw std::bad_alloc();
    return p;
  }
  /// `size` as it was asked for.
  static void release(void* p, std::size_t size) noexcept {
    const std::size_t i = stack_of(size);
    if (i >= kStacks || p == nullptr || stacks_[i].height == kHighest) return std::free(p);
    Stack& s = stacks_[i];
    s.top = new (p) Block{s.top};
    ++s.height;
  }

 private:
  struct Block {
    Block* next;
  };
  /// Of one size.
  struct Stack {
    Block* top;
    std::size_t height;
  };
  static constexpr std::size_t kStep = 16, kStacks = 16, kHighest = 256;
  static std::size_t stack_of(std::size_t size) { return (size - 1) / kStep; }  // of 0: none
  static constinit inline thread_local std::array<Stack, kStacks> stacks_{};
};

}  // namespace orrery
