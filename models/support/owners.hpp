#pragma once
// Lists of owners as controllers write them.
#include <utility>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery {

/// Of what a controller's object makes.
inline Ref<const OwnerList> sole_owner(const Object& controller) {
  auto owners = make_ref<OwnerList>();
  owners->items.push_back(controller_reference(controller));
  return owners;
}

inline std::vector<OwnerReference> owners_without(const ObjectMeta& meta, Uid uid) {
  std::vector<OwnerReference> rest;
  if (meta.owners()) rest = meta.owners()->items;
  std::erase_if(rest, [&](const OwnerReference& o) { return o.uid == uid; });
  return rest;
}

inline void set_owners(ObjectMeta& meta, std::vector<OwnerReference> items) {
  if (items.empty()) return meta.set_owners({});
  auto owners = make_ref<OwnerList>();
  owners->items = std::move(items);
  meta.set_owners(std::move(owners));
}

/// `controller` becomes one of its owners, the last of them.
inline void adopt(ObjectMeta& meta, const Object& controller) {
  std::vector<OwnerReference> items = owners_without(meta, controller.uid());
  items.push_back(controller_reference(controller));
  set_owners(meta, std::move(items));
}

/// The object with this UID is none of its owners any more.
inline void release(ObjectMeta& meta, Uid owner) { set_owners(meta, owners_without(meta, owner)); }

}  // namespace orrery
