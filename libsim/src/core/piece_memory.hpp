#pragma once
// Memory that is taken in many equal parts and given back all at once.
//
// What is small stays small: the first parts are allocated one by one. Beyond a mebibyte they are cut from aligned pieces
// that Linux is asked to map as one page each, since with pages of 4 KiB every access to a large population pays for the
// translation of its address as well, and where a page falls in the caches differs from run to run.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace orrery {

class PieceMemory {
 public:
  /// Aligned to cache lines. `bytes` is at most a piece.
  void* take(std::size_t bytes) {
    bytes = (bytes + kLine - 1) / kLine * kLine;
    if (bytes_ + bytes <= kSingleBytes) return allocate(bytes, kLine);
    if (left_ < bytes) {
      next_ = static_cast<std::byte*>(allocate(kPiece, kPiece));
      left_ = kPiece;
#ifdef __linux__
      (void)madvise(next_, kPiece, MADV_HUGEPAGE);  // merely a hint
#endif
    }
    void* out = next_;
    next_ += bytes;
    left_ -= bytes;
    return out;
  }
  std::size_t bytes() const { return bytes_ + pieces_.capacity() * sizeof pieces_[0]; }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kPiece = std::size_t{2} << 20;
  static constexpr std::size_t kSingleBytes = std::size_t{1} << 20;

  struct Release {
    std::size_t alignment = kLine;
    void operator()(void* p) const { ::operator delete(p, std::align_val_t{alignment}); }
  };
  void* allocate(std::size_t bytes, std::size_t alignment) {
    pieces_.emplace_back(::operator new(bytes, std::align_val_t{alignment}), Release{alignment});
    bytes_ += bytes;
    return pieces_.back().get();
  }

  std::vector<std::unique_ptr<void, Release>> pieces_;
  std::size_t bytes_ = 0;
  std::byte* next_ = nullptr;  ///< the rest of the last piece
  std::size_t left_ = 0;
};

}  // namespace orrery
