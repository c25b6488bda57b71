#include "garbage_collector/graph.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "orrery/cluster/symbols.hpp"

namespace orrery::gc {

namespace {

const std::vector<OwnerReference> kNoOwners;
const std::vector<OwnerReference>& items(const Ref<const OwnerList>& list) { return list ? list->items : kNoOwners; }

const OwnerReference* find_reference(const Ref<const OwnerList>& list, Uid uid) {
  for (const OwnerReference& r : items(list))
    if (r.uid == uid) return &r;
  return nullptr;
}

bool blocks(const Ref<const OwnerList>& list, Uid owner) {
  for (const OwnerReference& r : items(list))
    if (r.uid == owner && r.block_owner_deletion) return true;
  return false;
}

bool same_coordinates(const OwnerReference& r, const ObjectReference& o) {
  return r.uid == o.uid && r.name == o.name && r.kind == o.kind && r.api_version == o.api_version;
}

bool deleting_with(const Object& o, Symbol finalizer) { return o.meta.deleted && o.meta.has_finalizer(finalizer); }

/// Nothing that the graph cares about differs.
bool irrelevant(const Object& before, const Object& after) {
  return before.meta.owners() == after.meta.owners() && before.meta.deleted == after.meta.deleted &&
         (!after.meta.deleted || before.meta.finalizers() == after.meta.finalizers());
}

}  // namespace

KindMapping map_kind(const Interner& names, std::string_view version, std::string_view kind) {
  const Kind k = kind_from_name(kind);
  if (k != Kind::other) return {k, 0, api_version(k) == version};
  const auto symbol = names.find(std::string(version) + "/" + std::string(kind));
  return {Kind::other, symbol.value_or(0), symbol.has_value()};
}

// ---- reading

NodeIndex Graph::observed_in(std::uint32_t slot, Uid uid) const {
  const NodeIndex n = by_slot_.at(slot).node;
  if (n == kNoNode) return kNoNode;
  const GraphNode& node = nodes_[n];
  return node.in_graph && node.id && node.id->uid == uid ? n : kNoNode;
}

NodeIndex Graph::in_index(Uid uid) const {
  return index_.find(UidHash{}(uid), [&](NodeIndex n) { return nodes_[n].uid() == uid; });
}

NodeIndex Graph::find(Uid uid) {
  const NodeIndex n = in_index(uid);
  if (n != kNoNode) return n;
  const Object* o = store_.cached_by_uid(uid);
  if (o == nullptr) return kNoNode;
  return is_plain(o->meta.id->slot) ? make_node(*o) : observed_in(o->meta.id->slot, uid);
}

NodeIndex Graph::find(const Object& object) const {
  const NodeIndex n = observed_in(object.meta.id->slot, object.uid());
  return n != kNoNode ? n : in_index(object.uid());
}

void Graph::fetch(std::uint32_t slot, unsigned step) const {
  if (step == 0) return by_slot_.fetch(slot);
  if (const Place place = by_slot_.at(slot); place.plain)
    __builtin_prefetch(&nodes_[place.node].extra->dependents[place.position]);
  else if (place.node != kNoNode)
    fetch_ahead(&nodes_[place.node], sizeof(GraphNode));
}

NodeIndex Graph::owner_of(NodeIndex n, const OwnerReference& r) {
  const GraphNode& node = nodes_[n];
  const NodeIndex linked = node.link.owner;
  return linked != kNoNode && nodes_[linked].in_graph && node.owners->items.size() == 1 ? linked : find(r.uid);
}

KindMapping Graph::kind_of(NodeIndex n) const {
  const GraphNode& node = nodes_[n];
  if (node.observed()) return {node.id->kind, node.id->other_kind(), true};
  return map_kind(names_, node.claimed().api_version, node.claimed().kind);
}

namespace {
ObjectReference reference_of_identity(const Interner& names, const Identity& id) {
  ObjectReference r{std::string(api_version(id.kind)), std::string(kind_name(id.kind)), std::string(id.name()), id.ns, id.uid};
  if (id.kind == Kind::other) {
    const std::string_view both = names.text(id.other_kind());
    const std::size_t slash = both.rfind('/');
    r.api_version = both.substr(0, slash);
    r.kind = slash == std::string_view::npos ? both : both.substr(slash + 1);
  }
  return r;
}
}  // namespace

ObjectReference Graph::reference_of(NodeIndex n) const {
  const GraphNode& node = nodes_[n];
  return node.observed() ? reference_of_identity(names_, *node.id) : node.claimed();
}

bool Graph::coordinates_match(const OwnerReference& r, const GraphNode& node) const {
  if (!node.observed()) return same_coordinates(r, node.claimed());
  const Identity& id = *node.id;
  if (r.uid != id.uid || r.name != id.name()) return false;
  if (id.kind == Kind::other) return names_.text(id.other_kind()) == r.api_version + "/" + r.kind;
  return r.kind == kind_name(id.kind) && r.api_version == api_version(id.kind);
}

std::vector<NodeIndex> Graph::dependents_of(NodeIndex n) {
  if (!nodes_[n].has_dependents()) return {};
  std::vector<NodeIndex> out = nodes_[n].extra->dependents;
  for (NodeIndex& d : out)
    if ((d & kPlain) != 0) {
      // A graph that is not the present one may still list pods that are gone.
      const Object* pod = store_.cached_at(d & ~kPlain);
      d = pod != nullptr && pod->meta.owners() && pod->meta.owners()->items[0].uid == nodes_[n].uid() ? make_node(*pod) : kNoNode;
    }
  std::erase(out, kNoNode);
  // Upstream walks a map, so any order is faithful; the order of creation is one that can be explained.
  std::sort(out.begin(), out.end(), [this](NodeIndex a, NodeIndex b) { return nodes_[a].id->serial < nodes_[b].id->serial; });
  return out;
}

// ---- what the watch shows

void Graph::observe(const Change& change) {
  if (change.kind == Kind::event) return;
  const Object& object = *change.object;
  const std::uint32_t slot = object.meta.id->slot;
  if (change.type == ChangeType::deleted) {
    if (is_plain(slot)) return remove_plain(slot);
    const NodeIndex n = find(object);
    if (n == kNoNode) return;
    if (!nodes_[n].observed()) become_observed(n, object);
    remove(n);
    return;
  }
  if (change.before && irrelevant(*change.before, object)) return;
  if (is_plain(slot)) {
    if (follow_plain(object, change.before.get())) return;
    (void)make_node(*change.before);
  } else if (const NodeIndex owner = plain_owner(object); owner != kNoNode) {
    return insert_plain(object, owner);
  }
  observe_present(object, change.before.get());
}

void Graph::observe_present(const Object& object, const Object* before) {
  const NodeIndex n = find(object);
  if (n == kNoNode) return insert(object, before);
  if (!nodes_[n].observed()) become_observed(n, object);
  update_owners(n, object.meta.owners());
  if (object.meta.deleted) set_fate(n, true, nodes_[n].deleting_dependents);
  transitions(n, object, before);
}

void Graph::become_observed(NodeIndex n, const Object& object) {
  const ObjectReference seen = reference_of_identity(names_, *object.meta.id);
  if (seen != nodes_[n].claimed()) {
    // Dependents that took it for something else are looked at; for those with a good owner nothing will come of it.
    for (NodeIndex d : partition(n, seen).mismatching) {
      if (seen.ns != 0 && nodes_[d].ns() != seen.ns)
        if (const OwnerReference* r = find_reference(nodes_[d].owners, seen.uid)) listener_.invalid_namespace(d, *r);
      listener_.attempt_to_delete(d);
    }
  }
  // A pod is found by its slot from now on.
  if (object.kind == Kind::pod) index_.erase(UidHash{}(object.uid()), n);
  nodes_[n].id = object.meta.id;
  nodes_[n].extra->claimed.reset();
  by_slot_[object.meta.id->slot] = {.node = n};
}

void Graph::insert(const Object& object, const Object* before) {
  const NodeIndex n = allocate();
  GraphNode& node = nodes_[n];
  node.id = object.meta.id;
  node.owners = object.meta.owners();
  node.being_deleted = static_cast<bool>(object.meta.deleted);
  node.deleting_dependents = deleting_with(object, sym::foregroundDeletion);
  if (object.kind != Kind::pod) index_.insert(UidHash{}(object.uid()), n);
  by_slot_[object.meta.id->slot] = {.node = n};
  add_to_owners(n, {});
  transitions(n, object, before);
}

void Graph::update_owners(NodeIndex n, const Ref<const OwnerList>& next) {
  const Ref<const OwnerList> old = nodes_[n].owners;
  if (old == next) return;
  std::vector<NodeIndex> left;
  for (const OwnerReference& r : items(old)) {
    const OwnerReference* now = find_reference(next, r.uid);
    const NodeIndex owner = find(r.uid);
    if (owner == kNoNode) continue;
    if (now == nullptr) left.push_back(owner);
    // An owner that waits for its blocking dependents has one less to wait for.
    if (r.block_owner_deletion && (now == nullptr || !now->block_owner_deletion)) listener_.attempt_to_delete(owner);
    if (now != nullptr) set_blocks(n, owner, blocks(next, r.uid));
  }
  nodes_[n].owners = next;
  add_to_owners(n, old);
  for (NodeIndex owner : left) disconnect(n, owner);
}

void Graph::transitions(NodeIndex n, const Object& object, const Object* before) {
  const auto starts = [&](Symbol finalizer) {
    return deleting_with(object, finalizer) && (before == nullptr || !deleting_with(*before, finalizer));
  };
  if (starts(sym::orphan)) return listener_.attempt_to_orphan(n);
  if (!starts(sym::foregroundDeletion)) return;
  set_fate(n, nodes_[n].being_deleted, true);
  for (NodeIndex d : dependents_of(n)) listener_.attempt_to_delete(d);
  listener_.attempt_to_delete(n);
}

void Graph::add_to_owners(NodeIndex n, const Ref<const OwnerList>& known_owners) {
  bool doubtful = false;
  const Symbol ns = nodes_[n].ns();
  const Ref<const OwnerList> owners = nodes_[n].owners;
  for (const OwnerReference& r : items(owners)) {
    if (find_reference(known_owners, r.uid) != nullptr) continue;
    NodeIndex owner = find(r.uid);
    const bool known = owner != kNoNode;
    if (!known) {
      owner = allocate();
      nodes_[owner].make_extra().claimed = std::make_unique<ObjectReference>(ObjectReference{r.api_version, r.kind, r.name, ns, r.uid});
      index_.insert(UidHash{}(r.uid), owner);
    }
    connect(n, owner, blocks(nodes_[n].owners, r.uid));
    if (!known) {
      // Whether it exists at all is for the API to say.
      listener_.attempt_to_delete(owner);
      continue;
    }
    if (doubtful) continue;
    const GraphNode& o = nodes_[owner];
    if (o.ns() != 0 && o.ns() != ns) {
      if (o.observed()) listener_.invalid_namespace(n, r);
      doubtful = true;
    } else if (!coordinates_match(r, o)) {
      doubtful = true;
    } else if (o.ns() == 0 && ns != 0 && !o.observed()) {
      // Only a cluster-scoped object has claimed this owner so far: it may be a namespaced one after all.
      doubtful = true;
    }
  }
  if (doubtful) listener_.attempt_to_delete(n);
}

void Graph::remove(NodeIndex n) {
  pin(n);
  if (nodes_[n].observed()) by_slot_[nodes_[n].id->slot] = {};
  if (!nodes_[n].observed() || nodes_[n].id->kind != Kind::pod) index_.erase(UidHash{}(nodes_[n].uid()), n);
  nodes_[n].in_graph = false;
  const Ref<const OwnerList> owners = nodes_[n].owners;
  for (const OwnerReference& r : items(owners))
    if (const NodeIndex owner = owner_of(n, r); owner != kNoNode) disconnect(n, owner);
  const std::vector<NodeIndex> dependents = dependents_of(n);
  if (!dependents.empty()) absent_.add(reference_of(n));
  for (NodeIndex d : dependents) {
    disconnect(d, n);
    listener_.attempt_to_delete(d);
  }
  for (const OwnerReference& r : items(owners))
    if (const NodeIndex owner = find(r.uid); owner != kNoNode && nodes_[owner].deleting_dependents) listener_.attempt_to_delete(owner);
  unpin(n);
}

// ---- what the API denied

Graph::Partition Graph::partition(NodeIndex owner, const ObjectReference& identity) {
  Partition out;
  for (NodeIndex d : dependents_of(owner)) {
    bool match = false, mismatch = false;
    if (identity.ns != 0 && identity.ns != nodes_[d].ns()) {
      mismatch = true;
    } else {
      for (const OwnerReference& r : items(nodes_[d].owners))
        if (r.uid == identity.uid) (same_coordinates(r, identity) ? match : mismatch) = true;
    }
    if (match) out.matching.push_back(d);
    if (mismatch) out.mismatching.push_back(d);
  }
  return out;
}

void Graph::observe_absence(const ObjectReference& absent) {
  const NodeIndex n = find(absent.uid);
  if (n == kNoNode) return;
  const bool same = reference_of(n) == absent;
  // An observed object goes only when its own coordinates were denied; a virtual one when no dependent disagrees.
  if (nodes_[n].observed() && same) return remove(n);
  Partition parts = partition(n, absent);
  if (!nodes_[n].observed() && parts.mismatching.empty()) return remove(n);
  if (!parts.matching.empty()) absent_.add(absent);
  for (NodeIndex d : parts.matching) listener_.attempt_to_delete(d);
  if (!nodes_[n].observed() && same) replace_claim(n, parts.mismatching, absent);
}

/// Tries the next identity that some dependent claims for it: the first after the denied one, else the first of all.
void Graph::replace_claim(NodeIndex n, const std::vector<NodeIndex>& others, const ObjectReference& absent) {
  const auto rank = [this](const ObjectReference& r) { return std::make_tuple(std::string_view(r.kind), std::string_view(r.api_version), names_.text(r.ns), std::string_view(r.name)); };
  std::optional<ObjectReference> first, following;
  for (NodeIndex d : others) {
    for (const OwnerReference& r : items(nodes_[d].owners)) {
      if (r.uid != absent.uid) continue;
      if (same_coordinates(r, absent) && (absent.ns == 0 || absent.ns == nodes_[d].ns())) continue;
      ObjectReference other{r.api_version, r.kind, r.name, nodes_[d].ns(), r.uid};
      if (absent.ns == 0 && other.api_version == absent.api_version && other.kind == absent.kind) other.ns = 0;
      if (other == absent) continue;
      if (rank(absent) < rank(other) && (!following || rank(other) < rank(*following))) following = other;
      if (!first || rank(other) < rank(*first)) first = std::move(other);
    }
  }
  const std::optional<ObjectReference>& next = following ? following : first;
  if (!next) return;
  *nodes_[n].extra->claimed = *next;
  listener_.attempt_to_delete_later(n);
}

// ---- storage

NodeIndex Graph::allocate() {
  NodeIndex n;
  if (free_.empty()) {
    n = nodes_.add();
  } else {
    n = free_.back();
    free_.pop_back();
  }
  nodes_[n].in_graph = true;
  return n;
}

void Graph::unpin(NodeIndex n) {
  GraphNode& node = nodes_[n];
  if (--node.pins == 0 && !node.in_graph) release(n);
}

void Graph::release(NodeIndex n) {
  const std::uint32_t generation = nodes_[n].generation + 1;
  nodes_[n] = GraphNode{};
  nodes_[n].generation = generation;
  free_.push_back(n);
}

GraphNode::Link* Graph::link_between(NodeIndex dependent, NodeIndex owner) {
  GraphNode& d = nodes_[dependent];
  if (d.link.owner == owner) return &d.link;
  if (!d.extra) return nullptr;
  for (GraphNode::Link& l : d.extra->more_links)
    if (l.owner == owner) return &l;
  return nullptr;
}

void Graph::connect(NodeIndex dependent, NodeIndex owner, bool blocks_owner) {
  if (link_between(dependent, owner) != nullptr) return;  // two references to one owner
  GraphNode::Extra& o = nodes_[owner].make_extra();
  GraphNode& d = nodes_[dependent];
  const GraphNode::Link link{owner, static_cast<std::uint32_t>(o.dependents.size()) & kPositionMask, blocks_owner};
  o.dependents.push_back(dependent);
  if (d.link.owner == kNoNode)
    d.link = link;
  else
    d.make_extra().more_links.push_back(link);
  if (blocks_owner) {
    ++o.blocking;
    if (d.doomed()) ++o.blocking_doomed;
  }
}

void Graph::leave(NodeIndex owner, std::uint32_t position) {
  std::vector<std::uint32_t>& list = nodes_[owner].extra->dependents;
  if (position + 1 != list.size()) {
    const std::uint32_t moved = list[position] = list.back();
    if ((moved & kPlain) != 0)
      by_slot_[moved & ~kPlain].position = position & kPositionMask;
    else
      link_between(moved, owner)->position = position & kPositionMask;
  }
  list.pop_back();
}

void Graph::disconnect(NodeIndex dependent, NodeIndex owner) {
  GraphNode::Link* link = link_between(dependent, owner);
  if (link == nullptr) return;
  set_blocks(dependent, owner, false);
  leave(owner, link->position);
  GraphNode& d = nodes_[dependent];
  if (link == &d.link) {
    d.link = {};
    if (d.extra && !d.extra->more_links.empty()) {
      d.link = d.extra->more_links.back();
      d.extra->more_links.pop_back();
    }
  } else {
    *link = d.extra->more_links.back();
    d.extra->more_links.pop_back();
  }
}

void Graph::set_blocks(NodeIndex dependent, NodeIndex owner, bool value) {
  GraphNode::Link* link = link_between(dependent, owner);
  if (link == nullptr || link->blocks == value) return;
  link->blocks = value;
  const std::uint32_t by = value ? 1 : UINT32_MAX;  // modulo 2^32: plus or minus one
  GraphNode::Extra& o = *nodes_[owner].extra;
  o.blocking += by;
  if (nodes_[dependent].doomed()) o.blocking_doomed += by;
}

void Graph::set_fate(NodeIndex n, bool being_deleted, bool deleting_dependents) {
  GraphNode& node = nodes_[n];
  const bool was = node.doomed();
  node.being_deleted = being_deleted;
  node.deleting_dependents = deleting_dependents;
  if (was == node.doomed()) return;
  const std::uint32_t by = was ? UINT32_MAX : 1;
  const auto tell = [&](const GraphNode::Link& l) {
    if (l.owner != kNoNode && l.blocks) nodes_[l.owner].extra->blocking_doomed += by;
  };
  tell(node.link);
  if (!node.extra) return;
  for (const GraphNode::Link& l : node.extra->more_links) tell(l);
}

}  // namespace orrery::gc
