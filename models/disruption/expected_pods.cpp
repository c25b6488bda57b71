#include "disruption/expected_pods.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery {

namespace {

using Json = nlohmann::json;

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

/// Kinds whose replicas the controller reads from its own caches.
bool has_replicas(std::string_view kind, std::string_view group) {
  if (kind == "ReplicationController") return group.empty();
  if (kind == "ReplicaSet" || kind == "Deployment") return group == "apps" || group == "extensions";
  return kind == "StatefulSet" && group == "apps";
}

const GenericObject* find(const Store& store, const OwnerReference& ref, Symbol ns) {
  const Object* o = store.cached_no_pod(ref.uid);
  if (o == nullptr || o->kind != Kind::other || o->ns() != ns || o->name() != ref.name) return nullptr;
  const auto* g = static_cast<const GenericObject*>(o);
  return g->body->kind == ref.kind ? g : nullptr;
}

std::int64_t replicas_of(const GenericObject& o) {
  const Json& value = *o.body->value;
  const Json::json_pointer place("/spec/replicas");
  return value.contains(place) && value[place].is_number_integer() ? value[place].get<std::int64_t>() : 1;
}

}  // namespace

ControllerScale scale_of(const Store& store, const OwnerReference& controller, Symbol ns) {
  using Found = ControllerScale::Found;
  ControllerScale out;
  const std::string_view group = group_of(controller.api_version);
  if (has_replicas(controller.kind, group)) {
    const GenericObject* found = find(store, controller, ns);
    if (found == nullptr) return out;
    if (controller.kind == "ReplicaSet") {
      const OwnerReference* above = found->meta.controller();
      if (above != nullptr && above->kind == "Deployment") {
        found = has_replicas(above->kind, group_of(above->api_version)) ? find(store, *above, ns) : nullptr;
        if (found == nullptr) return out;
      }
    }
    out.found = Found::replicas;
    out.uid = found->uid();
    out.replicas = replicas_of(*found);
    return out;
  }
  const Kind kind = kind_from_name(controller.kind);
  if (kind != Kind::other && group_of(api_version(kind)) == group) {
    out.found = Found::ask_scale;
    out.error = fmt::format("{} does not implement the scale subresource", resource_name(kind));
    return out;
  }
  out.found = Found::unknown_kind;
  out.error = fmt::format("no matches for kind \"{}\" in version \"{}\"", controller.kind, controller.api_version);
  return out;
}

}  // namespace orrery
