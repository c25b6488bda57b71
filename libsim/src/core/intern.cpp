#include "orrery/core/intern.hpp"

#include <cstring>

#include "orrery/core/check.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace orrery {
namespace {

constexpr std::size_t kFirstTable = 64;
constexpr std::size_t kBlock = 64 * 1024;

}  // namespace

Interner::Interner() : table_(kFirstTable), texts_{std::string_view()}, hashes_{0} {}

Symbol Interner::intern(std::string_view text) {
  if (text.empty()) return 0;
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  std::size_t i = locate(text, hash);
  if (table_[i].symbol != 0) return table_[i].symbol;
  if (3 * texts_.size() > 2 * table_.size()) {
    grow();
    i = locate(text, hash);
  }
  ORRERY_CHECK(texts_.size() < UINT32_MAX);
  const auto id = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(keep(text));
  hashes_.push_back(hash);
  table_[i] = {static_cast<std::uint32_t>(hash), id};
  return id;
}

std::optional<Symbol> Interner::find(std::string_view text) const {
  if (text.empty()) return Symbol{};
  const auto& entry = table_[locate(text, XXH3_64bits(text.data(), text.size()))];
  if (entry.symbol == 0) return std::nullopt;
  return entry.symbol;
}

std::size_t Interner::memory_bytes() const {
  return sizeof *this + table_.capacity() * sizeof table_[0] + texts_.capacity() * sizeof texts_[0] + hashes_.capacity() * sizeof hashes_[0] + block_bytes_;
}

/// The entry of `text`, or the free one where it belongs.
std::size_t Interner::locate(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = table_.size() - 1;
  const auto short_hash = static_cast<std::uint32_t>(hash);
  std::size_t i = short_hash & mask;
  while (table_[i].symbol != 0 && (table_[i].hash != short_hash || texts_[table_[i].symbol] != text)) i = (i + 1) & mask;
  return i;
}

std::string_view Interner::keep(std::string_view text) {
  if (text.size() > free_bytes_) {
    // A long string gets a block of its own, so as not to waste the rest of the shared one.
    const bool alone = text.size() > kBlock / 4;
    const std::size_t size = alone ? text.size() : kBlock;
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
    block_bytes_ += size;
    if (alone) {
      std::memcpy(blocks_.back().get(), text.data(), text.size());
      return {blocks_.back().get(), text.size()};
    }
    free_ = blocks_.back().get();
    free_bytes_ = size;
  }
  std::memcpy(free_, text.data(), text.size());
  const std::string_view kept(free_, text.size());
  free_ += text.size();
  free_bytes_ -= text.size();
  return kept;
}

void Interner::grow() {
  std::vector<Entry> old(2 * table_.size());
  old.swap(table_);
  const std::size_t mask = table_.size() - 1;
  for (const auto& entry : old) {
    if (entry.symbol == 0) continue;
    std::size_t i = entry.hash & mask;
    while (table_[i].symbol != 0) i = (i + 1) & mask;
    table_[i] = entry;
  }
}

}  // namespace orrery
