// Plain pods: those that need no node of their own.
#include "garbage_collector/graph.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/make_room.hpp"

namespace orrery::gc {

NodeIndex Graph::plain_owner(const Object& object) {
  const ObjectMeta& meta = object.meta;
  const Ref<const OwnerList>& owners = meta.owners();
  if (object.kind != Kind::pod || meta.deleted || !owners || owners->items.size() != 1) return kNoNode;
  // Known already, or claimed to exist by somebody's reference.
  if (find(object) != kNoNode) return kNoNode;
  auto& known = sole_owner_;
  const auto is_good = [&](NodeIndex n) { return nodes_[n].in_graph && nodes_[n].observed(); };
  if (owners == known.owners && object.ns() == known.ns && nodes_[known.node].generation == known.generation && is_good(known.node)) return known.node;
  const OwnerReference& r = owners->items[0];
  const NodeIndex owner = find(r.uid);
  if (owner == kNoNode || !is_good(owner)) return kNoNode;
  const GraphNode& o = nodes_[owner];
  if ((o.ns() != 0 && o.ns() != object.ns()) || !coordinates_match(r, o)) return kNoNode;
  known = {owners, object.ns(), owner, o.generation};
  return owner;
}

void Graph::insert_plain(const Object& pod, NodeIndex owner) {
  GraphNode::Extra& o = nodes_[owner].make_extra();
  const bool blocks = pod.meta.owners()->items[0].block_owner_deletion;
  by_slot_[pod.meta.id->slot] = {owner, static_cast<std::uint32_t>(o.dependents.size()) & kPositionMask, true, blocks, false};
  make_room(o.dependents);
  o.dependents.push_back(pod.meta.id->slot | kPlain);
  o.blocking += blocks;
}

bool Graph::follow_plain(const Object& pod, const Object* before) {
  if (before == nullptr) return true;  // shown once more
  if (before->meta.owners() != pod.meta.owners()) return false;
  if (!pod.meta.deleted || pod.meta.has_finalizer(sym::orphan) || pod.meta.has_finalizer(sym::foregroundDeletion)) return false;
  Place& place = by_slot_[pod.meta.id->slot];
  if (!place.doomed && place.blocks) ++nodes_[place.node].extra->blocking_doomed;
  place.doomed = true;
  return true;
}

void Graph::remove_plain(std::uint32_t slot) {
  const Place place = by_slot_[slot];
  by_slot_[slot] = {};
  leave(place.node, place.position);
  GraphNode& owner = nodes_[place.node];
  owner.extra->blocking -= place.blocks;
  owner.extra->blocking_doomed -= place.blocks && place.doomed;
  if (owner.deleting_dependents) listener_.attempt_to_delete(place.node);
}

NodeIndex Graph::make_node(const Object& known) {
  const std::uint32_t slot = known.meta.id->slot;
  const Place place = by_slot_[slot];
  const NodeIndex n = allocate();
  GraphNode& node = nodes_[n];
  node.id = known.meta.id;
  node.owners = known.meta.owners();
  node.being_deleted = place.doomed;
  node.link = {place.node, place.position, place.blocks};
  nodes_[place.node].extra->dependents[place.position] = n;
  by_slot_[slot] = {.node = n};
  return n;
}

}  // namespace orrery::gc
