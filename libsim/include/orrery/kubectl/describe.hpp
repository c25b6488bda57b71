#pragma once
// Objects as `kubectl describe` prints them. Works on API objects as JSON and never looks anything up: what describe
// fetches besides the object (events, pods, the lease of a node) the caller passes in.
// Rules: K-040 … K-058, G-04, G-30; upstream kubectl/pkg/describe/describe.go.
//
//   fmt::print("{}", describe("Job", job, {.events = all_events, .now_ns = now}));
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace orrery {

/// Borrowed for the call. Whole lists may be passed: what concerns the object is picked out of them.
struct DescribeContext {
  std::span<const nlohmann::json> events = {};  ///< in API order; those of the object are found by involvedObject
  std::span<const nlohmann::json> pods = {};    ///< in API order; used for DaemonSet and Node
  const nlohmann::json* lease = nullptr;        ///< of a Node; null: kubectl's message that there is none
  std::int64_t now_ns = 0;                      ///< Unix time in nanoseconds, for the ages
  bool show_events = true;                      ///< --show-events
};

/// `kind` as in KindInfo ("Pod", "Node", "Job"). A kind that kubectl has no description for is told field by field. Ends in a newline; kubectl puts two more newlines between objects (K-043). Members of the wrong type count as
/// absent.
std::string describe(std::string_view kind, const nlohmann::json& object, const DescribeContext& context);

}  // namespace orrery
