#pragma once
// What is known under a name: keys of namespace and name, and tables of values by them.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/slot_column.hpp"
#include "orrery/core/slot_index.hpp"
#include "orrery/core/stable_vector.hpp"

namespace orrery {

/// namespace/name.
struct ObjectKey {
  Symbol ns = 0;
  std::string name;
  std::uint32_t slot = 0;  ///< for these see ObjectKeyView
  std::uint64_t serial = 0;
  bool operator==(const ObjectKey& o) const { return ns == o.ns && name == o.name; }
};
/// The same without a copy of the name; good as long as what it is a view of. Copied into an ObjectKey where it has to last.
struct ObjectKeyView {
  Symbol ns = 0;
  std::string_view name;
  /// A hint and no part of the key: where in the store an object is, or was, that has the name. 0 = none.
  std::uint32_t slot = 0;
  /// Nor is this: of such an object, whose name never changes, so that two keys with the same are equal. 0 = none.
  std::uint64_t serial = 0;
  ObjectKeyView(Symbol in, std::string_view named, std::uint32_t at = 0, std::uint64_t of = 0) : ns(in), name(named), slot(at), serial(of) {}
  ObjectKeyView(const ObjectKey& key) : ns(key.ns), name(key.name), slot(key.slot), serial(key.serial) {}
  operator ObjectKey() const { return {ns, std::string(name), slot, serial}; }
  bool operator==(const ObjectKeyView& o) const { return (serial != 0 && serial == o.serial) || (ns == o.ns && name == o.name); }
};
struct ObjectKeyHash {
  std::size_t operator()(ObjectKeyView k) const;
};

inline ObjectKeyView key_of(const Object& o) { return {o.ns(), o.name()}; }
/// With its slot: for tables that are asked so often that a few bytes for every slot of the store are worth it.
inline ObjectKeyView slot_key_of(const Object& o) { return {o.ns(), o.name(), o.meta.id->slot, o.meta.id->serial}; }

/// Values by key, each in a place with a number, where it stays until it is released. Finding one is O(1), and takes neither a
/// hash nor a search where the key has the slot under which it was found before, or has none and is the one found last.
template <class T>
class ObjectTable {
 public:
  static constexpr std::uint32_t kNone = SlotIndex::kNone;

  /// kNone where nothing is known under the key.
  std::uint32_t find(ObjectKeyView key) {
    const std::uint32_t i = hinted(key);
    return i != kNone ? i : search(key, ObjectKeyHash{}(key));
  }
  T* find_value(ObjectKeyView key) {
    const std::uint32_t i = find(key);
    return i == kNone ? nullptr : &entries_[i].value;
  }
  /// Where there was none: a fresh value.
  std::uint32_t place_of(ObjectKeyView key) {
    std::uint32_t i = hinted(key);
    if (i != kNone) return i;
    const std::uint64_t hash = ObjectKeyHash{}(key);
    i = search(key, hash);
    if (i != kNone) return i;
    if (free_.empty()) {
      i = entries_.add();
    } else {
      i = free_.back();
      free_.pop_back();
    }
    Entry& e = entries_[i];
    e.key.ns = key.ns;
    e.key.name = key.name;
    e.key.slot = key.slot;
    e.key.serial = key.serial;
    e.hash = hash;
    e.used = true;
    index_.insert(hash, i);
    note(key, i);
    return i;
  }
  T& value_of(ObjectKeyView key) { return entries_[place_of(key)].value; }
  T& operator[](std::uint32_t i) { return entries_[i].value; }
  /// Good until the release.
  const ObjectKey& key(std::uint32_t i) const { return entries_[i].key; }
  bool used(std::uint32_t i) const { return entries_[i].used; }
  void release(std::uint32_t i) {
    Entry& e = entries_[i];
    e.used = false;
    e.value = T{};
    index_.erase(e.hash, i);
    free_.push_back(i);
    if (i == last_) last_serial_ = 0;
  }
  /// Places there are, used or not.
  std::uint32_t size() const { return entries_.size(); }

 private:
  struct Entry {
    ObjectKey key;  ///< of a free one: the last, whose memory the next takes over
    std::uint64_t hash = 0;
    bool used = false;
    T value{};
  };
  bool is(std::uint32_t i, ObjectKeyView key) const {
    if (i >= entries_.size()) return false;
    const Entry& e = entries_[i];
    return e.used && ObjectKeyView(e.key) == key;
  }
  std::uint32_t hinted(ObjectKeyView key) {
    if (key.serial != 0 && key.serial == last_serial_) return last_;
    const std::uint32_t i = key.slot != 0 ? at_slot_.at(key.slot) : last_;
    if (!is(i, key)) return kNone;
    if (key.serial != 0) entries_[i].key.serial = key.serial;
    return found(key, i);
  }
  std::uint32_t search(ObjectKeyView key, std::uint64_t hash) {
    const std::uint32_t i = index_.find(hash, [&](std::uint32_t at) { return entries_[at].hash == hash && ObjectKeyView(entries_[at].key) == key; });
    if (i != kNone) note(key, i);
    return i;
  }
  void note(ObjectKeyView key, std::uint32_t i) {
    if (key.slot != 0) {
      entries_[i].key.slot = key.slot;
      entries_[i].key.serial = key.serial;
      at_slot_[key.slot] = i;
    }
    found(key, i);
  }
  std::uint32_t found(ObjectKeyView key, std::uint32_t i) {
    last_serial_ = key.serial;
    return last_ = i;
  }

  StableVector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  SlotIndex index_;          ///< of those in use, by key
  std::uint32_t last_ = 0;   ///< the one found last: a burst of changes often asks for one key again and again
  std::uint64_t last_serial_ = 0;  ///< of the key then, while it is in use; 0 = it had none
  SlotColumn<std::uint32_t> at_slot_;  ///< where the key of an object in this slot was found last
};

}  // namespace orrery
