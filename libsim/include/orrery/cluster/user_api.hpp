#pragma once
// The API as a person with kubectl meets it: objects and patches as JSON, defaulted, validated and refused in the API
// server's words. Writes are committed at the very instant of the call.
#include <memory>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json_fwd.hpp>

#include "orrery/cluster/cluster.hpp"

namespace orrery {

class AdmissionMemo;

enum class PatchType : std::uint8_t { strategic, merge, json };

class UserApi {
 public:
  explicit UserApi(Cluster& cluster);
  ~UserApi();

  /// `object` must have passed check_object. A Node gets what its kubelet would register.
  ApiResult create(nlohmann::json object);
  /// Creates it, or patches the existing object with it (strategic merge, as the recorded scenarios do).
  ApiResult apply(nlohmann::json object);
  /// `kind` in Kubernetes spelling; `ns` empty = "default" for namespaced kinds.
  ApiResult patch(std::string_view kind, std::string_view ns, std::string_view name, PatchType type, const nlohmann::json& patch);
  ApiResult remove(std::string_view kind, std::string_view ns, std::string_view name, const DeleteOptions& options);
  /// The live object, or null.
  const Object* find(std::string_view kind, std::string_view ns, std::string_view name) const;

 private:
  ApiResult update(const Object& old, nlohmann::json next);
  Symbol namespace_of(std::string_view kind, std::string_view ns) const;
  ApiResult admit(nlohmann::json object, Ref<Object>& made);
  void share_spec(Pod& pod);
  Cluster& cluster_;
  /// By their text: pods that users write one by one are often equal but for their names.
  std::unordered_map<std::string_view, Ref<const PodSpec>> specs_;
  std::size_t specs_kept_ = 1024;  ///< at which those nobody uses are forgotten
  std::unique_ptr<AdmissionMemo> memo_;
};

/// Whether the object is of a kind ("Namespace"), one with a C++ type of its own or not.
bool is_of_kind(const Object& object, std::string_view kind, const Interner& names);

/// What the kubelet of a node registers: the well-known labels, capacity and allocatable where the object has none, and
/// the four conditions of a healthy node.
void register_node(nlohmann::json& node, Time now);

}  // namespace orrery
