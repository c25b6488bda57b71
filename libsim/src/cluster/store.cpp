#include "orrery/cluster/store.hpp"

#include <algorithm>
#include <initializer_list>

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "orrery/cluster/symbols.hpp"
#include "orrery/core/check.hpp"

namespace orrery {

namespace {
constexpr std::uint16_t kDeliver = 1;
/// The API server draws a generated name anew at most this often (J-043).
constexpr int kNameAttemptsMax = 8;
/// Longest prefix of a generated name: 63 minus the five random characters.
constexpr std::size_t kGenerateNameMax = 58;

/// Answers that controllers provoke all the time are put together without a look at a format.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  out.reserve(size);
  for (const std::string_view part : parts) out += part;
  return out;
}
}  // namespace

Store::Store(Kernel& kernel, Interner& names, Duration watch_latency)
    : kernel_(kernel),
      names_(names),
      watch_latency_(kernel.fixed_delay(watch_latency, Phase::watch)),
      self_(kernel.add(*this)),
      uid_stream_(kernel.seed(), purpose("store.uid"), 0),
      name_stream_(kernel.seed(), purpose("store.generateName"), 0) {
  slots_.add();  // 0 is the slot of what is not in the store
}

std::uint32_t Store::hash(const Key& k) {
  const std::uint64_t h = XXH3_64bits(k.name.data(), k.name.size()) ^ static_cast<std::uint64_t>(k.other_kind) << 40 ^
                          (static_cast<std::uint64_t>(k.ns) << 8 | static_cast<std::uint64_t>(k.kind)) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

// ---- reading

std::uint32_t Store::live_slot(const Key& k, std::uint32_t hash_of_k) const {
  return by_name_.find(hash_of_k, [&](std::uint32_t slot) { return slots_[slot].live && key(*slots_[slot].live->meta.id) == k; });
}

const Object* Store::live(Kind kind, Symbol ns, std::string_view name, Symbol other_kind) const {
  const Key k{kind, ns, name, other_kind};
  const std::uint32_t slot = live_slot(k, hash(k));
  return slot == SlotIndex::kNone ? nullptr : slots_[slot].live.get();
}

const Object* Store::cached(Kind kind, Symbol ns, std::string_view name) const {
  const Key k{kind, ns, name};
  const std::uint32_t slot = by_name_.find(hash(k), [&](std::uint32_t i) { return slots_[i].cached && key(*slots_[i].cached->meta.id) == k; });
  return slot == SlotIndex::kNone ? nullptr : slots_[slot].cached.get();
}

const Object* Store::cached_by_uid(Uid uid) const {
  const Object* o = cached_no_pod(uid);
  return o != nullptr ? o : cached_pod_by_uid(uid);
}

const Object* Store::cached_in(const SlotIndex& index, Uid uid) const {
  const std::uint32_t slot = index.find(UidHash{}(uid), [&](std::uint32_t i) { return slots_[i].cached->uid() == uid; });
  return slot == SlotIndex::kNone ? nullptr : slots_[slot].cached.get();
}

const Object* Store::cached_no_pod(Uid uid) const { return cached_in(cached_by_uid_, uid); }

const Object* Store::cached_pod_by_uid(Uid uid) const {
  if (!has_pods_by_uid_) {
    has_pods_by_uid_ = true;
    for (std::uint32_t i = 0; i < slots_.size(); ++i)
      if (const Object* o = slots_[i].cached.get(); o != nullptr && o->kind == Kind::pod) pods_by_uid_.insert(UidHash{}(o->uid()), i);
  }
  return cached_in(pods_by_uid_, uid);
}

void Store::index_uid(const Identity& id) {
  if (id.kind != Kind::pod)
    cached_by_uid_.insert(UidHash{}(id.uid), id.slot);
  else if (has_pods_by_uid_)
    pods_by_uid_.insert(UidHash{}(id.uid), id.slot);
}

void Store::unindex_uid(const Identity& id) {
  if (id.kind != Kind::pod)
    cached_by_uid_.erase(UidHash{}(id.uid), id.slot);
  else if (has_pods_by_uid_)
    pods_by_uid_.erase(UidHash{}(id.uid), id.slot);
}

void Store::fetch_behind(std::uint32_t slot, unsigned step) const {
  if (slot >= slots_.size()) return;
  const Slot& s = slots_[slot];
  if (step == 0) {
    fetch_ahead(&s, sizeof s);
  } else {
    // Where the caches lag behind, the newer version was made just now.
    if (s.cached) fetch_ahead(s.cached.get(), sizeof(Pod));
    by_name_.fetch(s.name_hash);
    if (last_owned_.second != nullptr) last_owned_.second->fetch(s.list_position);
  }
  for (const auto& hook : fetch_hooks_) hook(slot, step);
}

namespace {
const std::vector<Ref<const Pod>> kNoPods;

void sort_by_name(std::vector<Ref<const Object>>& list, const Interner& names) {
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    if (a->ns() != b->ns()) return names.text(a->ns()) < names.text(b->ns());
    return a->name() < b->name();
  });
}
}  // namespace

const OwnedPods& Store::cached_owned_pods(Uid controller) const {
  static const OwnedPods none;
  const OwnedPods* owned = owned_pods(controller);
  return owned == nullptr ? none : *owned;
}
const std::vector<Ref<const Pod>>& Store::cached_orphans(Symbol ns) const {
  auto it = orphans_.find(ns);
  return it == orphans_.end() ? kNoPods : it->second;
}

std::vector<Ref<const Object>> Store::list(Kind kind) const {
  std::vector<Ref<const Object>> out;
  for (std::uint32_t i = 0; i < slots_.size(); ++i)
    if (const Slot& s = slots_[i]; s.live && s.live->kind == kind && !(kind == Kind::event && kernel_.now() - static_cast<const EventObject&>(*s.live).written >= kEventTtl))
      out.push_back(s.live);
  sort_by_name(out, names_);
  return out;
}
std::vector<Ref<const Object>> Store::cached_list(Kind kind) const {
  std::vector<Ref<const Object>> out;
  for (std::uint32_t i = 0; i < slots_.size(); ++i)
    if (const Slot& s = slots_[i]; s.cached && s.cached->kind == kind) out.push_back(s.cached);
  sort_by_name(out, names_);
  return out;
}

// ---- writing

ApiResult Store::missing(Kind kind, std::string_view name) const {
  return {ApiStatus::not_found, fmt::format("{} \"{}\" not found", resource_name(kind), name)};
}

Uid Store::new_uid() {
  Uid uid{uid_stream_.next(), uid_stream_.next()};
  uid.hi = (uid.hi & ~0xf000ULL) | 0x4000;             // version 4
  uid.lo = (uid.lo & ~(3ULL << 62)) | (2ULL << 62);    // variant of RFC 4122
  return uid;
}

bool Store::generate_name(Kind kind, Symbol ns, std::string_view prefix, std::string& out) {
  for (int i = 0; i < kNameAttemptsMax; ++i) {
    out.assign(prefix, 0, kGenerateNameMax);
    append_random_suffix(out, name_stream_, 5);
    if (live(kind, ns, out) == nullptr) return true;
  }
  return false;
}

ApiResult Store::create(Ref<Object> object) {
  Identity& id = *object->meta.id;
  bool taken = true;
  if (!id.has_name()) {
    taken = !generate_name(id.kind, id.ns, id.name(), generated_);
    id.set_generated(generated_);
  }
  ORRERY_CHECK(id.has_name(), "an object needs a name");
  const std::uint32_t name_hash = hash(key(id));
  if (taken && live_slot(key(id), name_hash) != SlotIndex::kNone)
    return {ApiStatus::already_exists, joined({resource_name(id.kind), " \"", id.name(), "\" already exists"})};
  if (!id.uid) id.uid = new_uid();
  if (!id.created) id.created = stamp(kernel_.now());
  id.serial = ++serial_;
  if (free_slots_.empty()) {
    id.slot = slots_.add();
  } else {
    id.slot = free_slots_.back();
    free_slots_.pop_back();
  }
  object->meta.resource_version = ++version_;
  if (id.kind == Kind::event) keep_event(static_cast<EventObject&>(*object));
  Slot& slot = slots_[id.slot];
  slot.live = object;
  slot.name_hash = name_hash;
  by_name_.insert(slot.name_hash, id.slot);
  ++count_[static_cast<std::size_t>(id.kind)];
  commit(ChangeType::added, object, {});
  return {ApiStatus::ok, object};
}

ApiResult Store::replace(Ref<Object> next, std::uint64_t expected_version) {
  Slot& slot = slots_[next->meta.id->slot];
  if (!slot.live || slot.live->meta.id->serial != next->meta.id->serial) return missing(next->kind, next->name());
  const Ref<const Object> old = slot.live;
  if (expected_version != 0 && expected_version != old->meta.resource_version)
    return {ApiStatus::conflict, joined({"Operation cannot be fulfilled on ", resource_name(next->kind), " \"", next->name(),
                                         "\": the object has been modified; please apply your changes to the latest version and try again"})};
  if (same_object(*next, *old)) return {ApiStatus::ok, old};
  if (next->meta.deleted && next->meta.finalizers().empty() && next->meta.deletion_grace <= 0) {
    Ref<const Object> last = next;
    drop(std::move(next));
    return {ApiStatus::ok, last};
  }
  next->meta.resource_version = ++version_;
  if (next->kind == Kind::event) keep_event(static_cast<EventObject&>(*next));
  slot.live = next;
  commit(ChangeType::modified, next, old);
  return {ApiStatus::ok, next};
}

void Store::keep_event(EventObject& event) {
  event.written = kernel_.now();
  events_.push_back({event.written, event.meta.resource_version, event.meta.id->slot});
}

void Store::expire_events() {
  while (!events_.empty() && kernel_.now() - events_.front().at >= kEventTtl) {
    const Written w = events_.front();
    events_.pop_front();
    // They were written an hour ago.
    if (events_.size() > 8) fetch_slot(events_[8].slot);
    if (events_.size() > 4)
      if (const Object* o = live_at(events_[4].slot)) fetch_ahead(o, sizeof(EventObject));
    if (events_.size() > 2)
      if (const Object* o = live_at(events_[2].slot)) fetch_ahead(o->meta.id.get(), sizeof(Identity));
    Slot& slot = slots_[w.slot];
    if (!slot.live || slot.live->kind != Kind::event || slot.live->meta.resource_version != w.version) continue;
    const Ref<const Object> last = std::exchange(slot.live, nullptr);
    --count_[static_cast<std::size_t>(Kind::event)];
    release_slot(*last->meta.id);
  }
}

void Store::drop(Ref<Object> last) {
  const Identity& id = *last->meta.id;
  Slot& slot = slots_[id.slot];
  const Ref<const Object> before = slot.live;
  slot.live.reset();
  --count_[static_cast<std::size_t>(id.kind)];
  last->meta.resource_version = ++version_;
  commit(ChangeType::deleted, last, before);
  if (id.kind == Kind::event) release_slot(id);
}

namespace {
/// Which finalizers an object keeps or gets when it is deleted with this policy.
SharedList<Symbol> finalizers_for(const ObjectMeta& meta, Propagation p) {
  if (p == Propagation::unset && !meta.has_finalizer(sym::orphan) && !meta.has_finalizer(sym::foregroundDeletion)) return meta.finalizers();
  bool orphan = false, foreground = false;
  SharedList<Symbol> out;
  for (Symbol f : meta.finalizers()) {
    if (f == sym::orphan) {
      orphan = true;
      foreground = false;
    } else if (f == sym::foregroundDeletion) {
      orphan = false;
      foreground = true;
    } else {
      out.push_back(f);
    }
  }
  if (p != Propagation::unset) {
    orphan = p == Propagation::orphan;
    foreground = p == Propagation::foreground;
  }
  if (orphan) out.push_back(sym::orphan);
  if (foreground) out.push_back(sym::foregroundDeletion);
  return out;
}
}  // namespace

ApiResult Store::remove(Kind kind, Symbol ns, std::string_view name, const DeleteOptions& options, Symbol other_kind) {
  const Key k{kind, ns, name, other_kind};
  const std::uint32_t at = live_slot(k, hash(k));
  if (at == SlotIndex::kNone) return missing(kind, name);
  return remove(Ref<const Object>(slots_[at].live), options);
}

ApiResult Store::remove(const Identity& id, const DeleteOptions& options) {
  const Object* old = live_like(id);
  if (old == nullptr) return missing(id.kind, id.name());
  return remove(Ref<const Object>(old), options);
}

ApiResult Store::remove(const Ref<const Object>& old, const DeleteOptions& options) {
  const Kind kind = old->kind;
  const std::string_view name = old->name();
  if (options.uid && options.uid != old->uid())
    return {ApiStatus::conflict,
            fmt::format("Operation cannot be fulfilled on {} \"{}\": the UID in the precondition ({}) does not match the UID in record ({}). "
                        "The object might have been deleted and then recreated",
                        resource_name(kind), name, options.uid.text(), old->uid().text())};
  if (options.resource_version != 0 && options.resource_version != old->meta.resource_version)
    return {ApiStatus::conflict,
            fmt::format("Operation cannot be fulfilled on {} \"{}\": the ResourceVersion in the precondition ({}) does not match the "
                        "ResourceVersion in record ({}). The object might have been modified",
                        resource_name(kind), name, options.resource_version, old->meta.resource_version)};
  Ref<Object> next = clone(*old);
  ObjectMeta& m = next->meta;
  bool graceful = false;
  std::int64_t grace = 0;
  if (kind == Kind::pod) {
    const Pod& pod = static_cast<const Pod&>(*old);
    if (m.deleted) {
      // Already on its way: a later deletion can only shorten the grace period (P-090).
      if (m.deletion_grace > 0) {
        if (options.grace_s < 0 || options.grace_s >= m.deletion_grace) return {ApiStatus::ok, old};
        const std::int64_t asked = static_cast<std::int64_t>(m.deleted.s) - m.deletion_grace + options.grace_s;
        const std::int64_t now_s = unix_seconds(kernel_.now());
        graceful = true;
        grace = options.grace_s;
        if (asked < now_s && options.grace_s != 0) {
          m.deleted = stamp(kernel_.now() + std::chrono::seconds{1});
          grace = 1;
        } else {
          m.deleted = {static_cast<std::uint32_t>(std::max(asked, now_s))};
        }
        m.deletion_grace = static_cast<std::int32_t>(grace);
      }
    } else {
      grace = options.grace_s >= 0 ? options.grace_s : pod.spec->grace_s;
      if (grace < 0) grace = 1;
      if (pod.node == 0 || pod.terminal()) grace = 0;
      graceful = true;
      m.deleted = stamp(kernel_.now() + std::chrono::seconds{grace});
      m.deletion_grace = static_cast<std::int32_t>(std::min<std::int64_t>(grace, INT32_MAX));
      if (m.generation > 0) ++m.generation;
    }
  }
  m.set_finalizers(finalizers_for(old->meta, options.propagation));
  if (!graceful) {
    if (m.finalizers().empty()) {
      Ref<const Object> last = next;
      drop(std::move(next));
      return {ApiStatus::ok, last};
    }
    if (!m.deleted) {
      if (m.generation > 0) ++m.generation;
      m.deleted = stamp(kernel_.now());
    }
    m.deletion_grace = 0;
    return replace(std::move(next));
  }
  Ref<const Object> shown = next;
  if (!same_object(*next, *old)) {
    next->meta.resource_version = ++version_;
    slots_[next->meta.id->slot].live = next;
    commit(ChangeType::modified, next, old);
  }
  if (m.finalizers().empty() && grace == 0) {
    // The registry shows the doomed object first, then takes it away in the same request (P-090).
    Ref<Object> last = clone(*next);
    shown = last;
    drop(std::move(last));
  }
  return {ApiStatus::ok, shown};
}

// ---- the watch

void Store::commit(ChangeType type, Ref<const Object> object, Ref<const Object> before) {
  Change change{type, object->kind, kernel_.now(), kernel_.current_event(), std::move(object), std::move(before)};
  for (auto& hook : commit_hooks_) hook(change);
  if (change.kind == Kind::event) return;  // nobody watches Events
  if (in_flight_.full()) in_flight_.set_capacity(std::max<std::size_t>(64, 2 * in_flight_.capacity()));
  in_flight_.push_back(std::move(change));
  kernel_.after(watch_latency_, self_, kDeliver);
}

void Store::on_event(const Event&) {
  // Deliveries come in the order of commits, one event each, all with the same latency.
  if (delivered_early_ > 0) {
    --delivered_early_;
    return;
  }
  Change change = std::move(in_flight_.front());
  in_flight_.pop_front();
  deliver(change);
}

void Store::deliver_all_now() {
  delivered_early_ += in_flight_.size();
  const boost::circular_buffer<Change> all = std::exchange(in_flight_, boost::circular_buffer<Change>());
  for (const Change& c : all) deliver(c);
}

void Store::deliver(const Change& change) {
  const Identity& id = *change.object->meta.id;
  Slot& slot = slots_[id.slot];
  const bool reindexed = change.kind == Kind::pod && change.type != ChangeType::deleted && reindex_pod(slot, change.object);
  if (change.kind == Kind::pod && slot.cached && !reindexed) unindex_pod(slot, *slot.cached);
  if (change.type == ChangeType::deleted) {
    if (slot.cached) unindex_uid(id);
    slot.cached.reset();
  } else {
    const bool is_new = !slot.cached;
    slot.cached = change.object;
    if (is_new) index_uid(id);
    if (change.kind == Kind::pod && !reindexed) index_pod(slot, change.object);
  }
  delivered_version_[static_cast<std::size_t>(change.kind)] = change.object->meta.resource_version;
  for (auto& hook : delivery_hooks_) hook(change);
  if (change.type == ChangeType::deleted) release_slot(id);
}

OwnedPods* Store::owned_pods(Uid controller) const {
  if (last_owned_.second == nullptr || last_owned_.first != controller) {
    const auto it = pods_of_.find(controller);
    if (it == pods_of_.end()) return nullptr;
    last_owned_ = {controller, &it->second};
  }
  return last_owned_.second;
}

void Store::index_pod(Slot& slot, const Ref<const Object>& object) {
  Ref<const Pod> pod(static_cast<const Pod*>(object.get()));
  if (const OwnerReference* c = object->meta.controller()) {
    OwnedPods* owned = owned_pods(c->uid);
    if (owned == nullptr) owned = &pods_of_[c->uid];
    slot.list_position = owned->add(std::move(pod), c->uid);
  } else {
    std::vector<Ref<const Pod>>& list = orphans_[object->ns()];
    slot.list_position = static_cast<std::uint32_t>(list.size());
    list.push_back(std::move(pod));
  }
}

/// Of a new version that has the controller of the old one; false: it has not, or there is no old one.
bool Store::reindex_pod(Slot& slot, const Ref<const Object>& object) {
  if (!slot.cached) return false;
  const OwnerReference *before = slot.cached->meta.controller(), *now = object->meta.controller();
  if (before == nullptr || now == nullptr || before->uid != now->uid) return false;
  OwnedPods* owned = owned_pods(now->uid);
  const std::uint32_t at = slot.list_position;
  slot.list_position = static_cast<std::uint32_t>(owned->all().size() - 1);
  if (const Pod* moved = owned->replace(at, Ref<const Pod>(static_cast<const Pod*>(object.get())), now->uid)) slots_[moved->meta.id->slot].list_position = at;
  return true;
}

void Store::unindex_pod(Slot& slot, const Object& pod) {
  const std::uint32_t at = slot.list_position;
  if (const OwnerReference* c = pod.meta.controller()) {
    OwnedPods* owned = owned_pods(c->uid);
    if (const Pod* moved = owned->remove(at)) slots_[moved->meta.id->slot].list_position = at;
    if (owned->empty()) {
      last_owned_ = {};
      pods_of_.erase(c->uid);
    }
    return;
  }
  auto& list = orphans_[pod.ns()];
  if (at + 1 != list.size()) {
    list[at] = std::move(list.back());
    slots_[list[at]->meta.id->slot].list_position = at;
  }
  list.pop_back();
  if (list.empty()) orphans_.erase(pod.ns());
}

void Store::release_slot(const Identity& id) {
  by_name_.erase(slots_[id.slot].name_hash, id.slot);
  free_slots_.push_back(id.slot);
}

}  // namespace orrery
