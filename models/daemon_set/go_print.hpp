#pragma once
// A pod template as Go's spew prints the struct with "%#v": what Kubernetes hashes to name revisions
// (upstream: pkg/util/hash/hash.go, k8s.io/utils/dump).
#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace orrery::daemon {

/// One Go struct; see go_structs.cpp. Sorted by type.
struct GoStruct {
  std::string_view type, fields;
};
extern const GoStruct kGoStructs[];
extern const std::size_t kGoStructCount;

/// Appends `value`, a defaulted object of the API, printed as the Go type, such as "v1.PodTemplateSpec".
void go_print(std::string& out, std::string_view type, const nlohmann::json& value);

}  // namespace orrery::daemon
