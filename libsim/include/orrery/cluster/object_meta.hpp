#pragma once
// What all objects have: identity, labels, owners, finalizers.
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/core/intern.hpp"
#include "orrery/core/ref.hpp"
#include "orrery/core/shared_list.hpp"
#include "orrery/core/time.hpp"

namespace orrery {

enum class Kind : std::uint8_t { node, pod, job, cronjob, daemonset, controllerrevision, poddisruptionbudget, lease, event, workflow, other };
inline constexpr std::size_t kKindCount = 11;

/// "Pod", "Job", …; Kind::other has none.
std::string_view kind_name(Kind k);
/// "v1", "batch/v1", …
std::string_view api_version(Kind k);
/// "pods", "jobs.batch", … as error texts of the API name the resource.
std::string_view resource_name(Kind k);
/// Is the kind one whose objects live in a namespace?
bool is_namespaced(Kind k);
Kind kind_from_name(std::string_view name);

/// An API timestamp: whole seconds since 1970, truncated (P-001). 0 = not set. Good until 2106.
struct Stamp {
  std::uint32_t s = 0;
  explicit operator bool() const { return s != 0; }
  auto operator<=>(const Stamp&) const = default;
};
/// The stamp that the API stores for an instant (floor).
inline Stamp stamp(Time t) { return {static_cast<std::uint32_t>(unix_seconds(t))}; }
inline Time time_of(Stamp s) { return Time{std::chrono::seconds{s.s}}; }

/// 128 bits, written in the form of RFC 4122. Zero = none.
struct Uid {
  std::uint64_t hi = 0, lo = 0;
  explicit operator bool() const { return (hi | lo) != 0; }
  auto operator<=>(const Uid&) const = default;
  std::string text() const { return std::string(characters().view()); }
  /// The text, without memory from the heap.
  struct Characters {
    std::array<char, 36> all;
    std::string_view view() const { return {all.data(), all.size()}; }
  };
  Characters characters() const;
  /// A text that is no UUID is hashed: two equal texts stay equal.
  static Uid parse(std::string_view text);
};
struct UidHash {
  std::size_t operator()(const Uid& u) const { return static_cast<std::size_t>(u.hi ^ (u.lo * 0x9e3779b97f4a7c15ULL)); }
};

struct OwnerReference {
  std::string api_version, kind, name;
  Uid uid;
  bool controller = false;
  bool block_owner_deletion = false;
  bool operator==(const OwnerReference&) const = default;
};
struct OwnerList : RefCounted {
  std::vector<OwnerReference> items;
  bool operator==(const OwnerList& o) const { return items == o.items; }
};

/// What is fixed at creation. There are as many as there are pods, so the name lies in the same piece of memory: 64 bytes with a
/// name of up to twelve characters, and what few objects have is elsewhere. The order of the members leaves no gap.
struct Identity final : RefCounted {
  static Ref<Identity> make(Kind kind, Symbol ns, std::string_view name);
  /// It has no name yet: the store makes one from this prefix (metadata.generateName), which may be empty.
  static Ref<Identity> unnamed(Kind kind, Symbol ns, std::string_view prefix);
  static Ref<Identity> copy(const Identity& of);
  Identity& operator=(const Identity&) = delete;
  ~Identity();

  static constexpr std::size_t kNameMax = (std::size_t{1} << 21) - 1;

  const Kind kind;

 private:
  // The prefix that it was generated from and the hostname nearly always follow from the name.
  enum class Naming : std::uint8_t {
    plain,
    prefix,     ///< the name is the prefix
    generated,  ///< the name is the prefix and kSuffix characters
    kept,       ///< see more_
  };
  bool hostname_from_prefix_ : 1 = false;  ///< the prefix without its last dash
  Naming naming_ : 2 = Naming::plain;
  std::uint32_t size_ : 21;  ///< of the name

 public:
  Uid uid;
  /// Creation order in the store, from 1; never reused.
  std::uint64_t serial = 0;

 private:
  struct More {
    std::string generate_name, hostname;
    Symbol other_kind = 0;
  };
  std::unique_ptr<More> more_;

 public:
  const Symbol ns;  ///< 0 for cluster-scoped objects
  /// Place in the store's slot table while the object, or a cached copy of it, exists.
  std::uint32_t slot = 0;
  Stamp created;

  std::string_view name() const { return {text_, size_}; }
  /// Of Kind::other: apiVersion/kind, so that names of different kinds do not collide.
  Symbol other_kind() const { return more_ ? more_->other_kind : Symbol{0}; }
  void set_other_kind(Symbol kind);
  /// metadata.generateName; empty = none.
  std::string_view generate_name() const;
  bool has_name() const { return naming_ != Naming::prefix && size_ != 0; }
  /// The name of one that was made without, of at most kSuffix characters more than its prefix.
  void set_generated(std::string_view made);
  /// Of an object that has its name.
  void set_generate_name(std::string_view prefix);
  /// Of pods: spec.hostname where it differs from the template's; empty = it does not. After the (generated) name.
  std::string_view hostname() const;
  void set_hostname(std::string_view hostname);

  static void operator delete(void* p) { ::operator delete(p); }

 private:
  static constexpr std::size_t kSuffix = 5;
  Identity(Kind kind, Symbol ns, std::string_view name);
  static void* operator new(std::size_t size, std::size_t characters);
  static void operator delete(void* p, std::size_t) { ::operator delete(p); }
  More& more();
  char text_[4];  ///< and on: the last member
};

/// A list of keys and values, sorted by key, of which each of many objects has its own: its name or UID are in it, or a number.
struct MapOutline : RefCounted {
  virtual ~MapOutline() = default;
  /// Never empty.
  virtual std::vector<std::pair<std::string, std::string>> filled(const Identity& object, std::int64_t number) const = 0;
  /// Whether the value of this key is the UID of the object.
  virtual bool is_uid(std::string_view key) const = 0;
};

/// Sorted by key.
struct StringMap : RefCounted {
  using Item = std::pair<std::string, std::string>;
  /// A list, which is made when somebody looks at it where all there is yet is an outline.
  class Items {
   public:
    Items() = default;
    Items& operator=(std::vector<Item> list) {
      list_ = std::move(list);
      return *this;
    }
    operator const std::vector<Item>&() const { return list(); }
    auto begin() const { return list().begin(); }
    auto end() const { return list().end(); }
    std::size_t size() const { return list().size(); }
    bool empty() const { return !outline_ && list_.empty(); }

   private:
    friend struct StringMap;
    bool pending() const { return outline_ && list_.empty(); }
    const std::vector<Item>& list() const {
      if (pending()) list_ = outline_->filled(*object_, number_);
      return list_;
    }
    mutable std::vector<Item> list_;
    Ref<const MapOutline> outline_;
    Ref<const Identity> object_;  ///< with outline_: whose map it is
    std::int64_t number_ = 0;
  };
  Items items;
  /// nullptr when absent.
  const std::string* find(std::string_view key) const;
  /// Whether this UID stands under the key.
  bool says_uid(std::string_view key, Uid uid) const;
  bool operator==(const StringMap& o) const { return items.list() == o.items.list(); }
  static Ref<const StringMap> outlined(Ref<const MapOutline> outline, Ref<const Identity> object, std::int64_t number = 0);
  bool is_of(const Ref<const MapOutline>& outline, const Identity& object) const { return items.outline_ == outline && items.object_.get() == &object; }

 private:
  mutable std::unique_ptr<const std::string> uid_;  ///< what `find` found in an outline
};

inline constexpr std::int32_t kNoGrace = -1;

/// What the versions of an object, and the objects of one template, mostly have in common.
struct SharedMeta : RefCounted {
  Ref<const StringMap> labels, annotations;
  Ref<const OwnerList> owners;
  SharedList<Symbol> finalizers;

  const std::string* label(std::string_view key) const { return labels ? labels->find(key) : nullptr; }
  const std::string* annotation(std::string_view key) const { return annotations ? annotations->find(key) : nullptr; }
  const OwnerReference* controller() const {
    if (owners)
      for (const OwnerReference& o : owners->items)
        if (o.controller) return &o;
    return nullptr;
  }

 private:
  friend struct ObjectMeta;
  mutable Ref<SharedMeta> without_finalizers_;  ///< made when the first object of many loses its finalizers
};
inline const SharedMeta kNoMeta{};

struct ObjectMeta {
  Ref<Identity> id;

 private:
  Ref<SharedMeta> shared_;  ///< changed only while it is nobody else's

 public:
  std::uint64_t resource_version = 0;
  std::int32_t generation = 0;
  Stamp deleted;                         ///< deletionTimestamp
  std::int32_t deletion_grace = kNoGrace;  ///< deletionGracePeriodSeconds

  const SharedMeta& shared() const { return shared_ ? *shared_ : kNoMeta; }
  /// To be kept; null where all of it is empty.
  Ref<const SharedMeta> shared_ref() const { return shared_; }
  /// Takes labels, annotations, owners and finalizers of another one.
  void share(const ObjectMeta& o) { shared_ = o.shared_; }
  const Ref<const StringMap>& labels() const { return shared().labels; }
  const Ref<const StringMap>& annotations() const { return shared().annotations; }
  const Ref<const OwnerList>& owners() const { return shared().owners; }
  const SharedList<Symbol>& finalizers() const { return shared().finalizers; }
  void set_labels(Ref<const StringMap> labels);
  void set_annotations(Ref<const StringMap> annotations);
  void set_owners(Ref<const OwnerList> owners);
  void set_finalizers(SharedList<Symbol> finalizers);
  void add_finalizer(Symbol f);
  void remove_finalizer(Symbol f);

  const OwnerReference* controller() const { return shared().controller(); }
  const std::string* label(std::string_view key) const { return shared().label(key); }
  const std::string* annotation(std::string_view key) const { return shared().annotation(key); }
  bool has_finalizer(Symbol f) const {
    for (const Symbol s : finalizers())
      if (s == f) return true;
    return false;
  }

 private:
  SharedMeta& own();
};

/// Equal in everything that a write can change, resource version aside.
bool same_meta(const ObjectMeta& a, const ObjectMeta& b);
Ref<const StringMap> make_string_map(std::vector<std::pair<std::string, std::string>> items);

}  // namespace orrery
