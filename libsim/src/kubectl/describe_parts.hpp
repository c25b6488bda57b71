#pragma once
// Blocks that several kinds of describe share (K-041 … K-044, K-053 … K-057).
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tab_text.hpp"

namespace orrery::kubectl {

/// "title:" with a value per line.
void put_labels(TabText& out, std::string_view title, const nlohmann::json& labels);
void put_annotations(TabText& out, std::string_view title, const nlohmann::json& annotations);
void put_tolerations(TabText& out, std::string_view title, const nlohmann::json& tolerations);

/// Container blocks. `statuses` is null and `pod` is null in a template.
struct ContainerBlock {
  std::string_view label;  ///< "Init Containers"
  std::string_view space;  ///< indentation: "" in a pod, two blanks in a template
  const nlohmann::json* pod = nullptr;
};
void put_containers(TabText& out, const nlohmann::json& containers, const nlohmann::json& statuses, const ContainerBlock& block);
void put_resources(TabText& out, std::size_t level, const nlohmann::json& resources);
void put_volumes(TabText& out, const nlohmann::json& volumes, std::string_view space);
void put_topology_spread(TabText& out, const nlohmann::json& constraints, std::string_view space);
void put_pod_template(TabText& out, const nlohmann::json& pod_template);

/// "a=b,c in (d,e)" of a LabelSelector, "" when empty; null selects nothing and is "", too.
std::string selector_line(const nlohmann::json& selector);
/// The same with "<none>" instead of "".
std::string selector_or_none(const nlohmann::json& selector);

/// Which of the events concern the object: by name, namespace, uid, and kind unless `any_kind`.
struct EventFilter {
  std::string_view kind;
  bool any_kind = false;
  bool name_as_uid = false;  ///< also those whose uid is the object's name, as kubelets write them for nodes
};
void put_events(TabText& out, const nlohmann::json& object, std::span<const nlohmann::json> events, std::int64_t now_ns, const EventFilter& filter);

}  // namespace orrery::kubectl
