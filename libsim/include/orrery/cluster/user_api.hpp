#pragma once
// The API as a person with kubectl meets it: objects and patches as JSON, defaulted, validated and refused in the API
// server's words. Writes are committed at the very instant of the call.
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "orrery/cluster/cluster.hpp"

namespace orrery {

enum class PatchType : std::uint8_t { strategic, merge, json };

class UserApi {
 public:
  explicit UserApi(Cluster& cluster) : cluster_(cluster) {}

  /// `object` must have passed check_object. A Node gets what its kubelet would register.
  ApiResult create(const nlohmann::json& object);
  /// Creates it, or patches the existing object with it (strategic merge, as the recorded scenarios do).
  ApiResult apply(const nlohmann::json& object);
  /// `kind` in Kubernetes spelling; `ns` empty = "default" for namespaced kinds.
  ApiResult patch(std::string_view kind, std::string_view ns, std::string_view name, PatchType type, const nlohmann::json& patch);
  ApiResult remove(std::string_view kind, std::string_view ns, std::string_view name, const DeleteOptions& options);
  /// The live object, or null.
  const Object* find(std::string_view kind, std::string_view ns, std::string_view name) const;

 private:
  ApiResult update(const Object& old, nlohmann::json next);
  Symbol namespace_of(std::string_view kind, std::string_view ns) const;
  Cluster& cluster_;
};

/// What the kubelet of a node registers: the well-known labels, capacity and allocatable where the object has none, and
/// the four conditions of a healthy node.
void register_node(nlohmann::json& node, Time now);

}  // namespace orrery
