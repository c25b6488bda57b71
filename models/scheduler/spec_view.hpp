#pragma once
// A pod's spec as the scheduler needs it: compiled once and shared by all pods of a template.
#include <string>
#include <utility>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery::sched {

/// Amounts: CPU in 1/1000, the others in their base unit. Sparse for extended resources.
struct Resources {
  std::int64_t cpu = 0, memory = 0, ephemeral = 0;
  std::vector<std::pair<Symbol, std::int64_t>> scalars;  ///< sorted by symbol
  void add(const Resources& o, int sign = 1);
  void max(const Resources& o);
  std::int64_t scalar(Symbol name) const;
};
Resources resources_of(const nlohmann::json& map, Interner& names);

/// One requirement of a node selector term, over interned labels.
struct NodeRequirement {
  enum class Op : std::uint8_t { in, not_in, exists, absent, gt, lt } op = Op::in;
  Symbol key = 0;  ///< 0: the field metadata.name
  std::vector<Symbol> values;
  std::int64_t bound = 0;
};
using NodeTerm = std::vector<NodeRequirement>;  ///< all must hold; an empty term matches nothing

struct PreferredTerm {
  std::int64_t weight = 0;
  NodeTerm term;
};

struct PodTerm {
  std::int64_t weight = 0;  ///< of preferred terms; negative for anti-affinity
  Symbol topology_key = 0;
  std::vector<LabelRequirement> selector;
  bool has_selector = false;  ///< without one a term selects nothing
  bool all_namespaces = false;
  std::vector<Symbol> namespaces;
  bool selects(Symbol ns, const StringMap* labels) const;
};

struct SpreadConstraint {
  std::int64_t max_skew = 1, min_domains = 1;
  Symbol topology_key = 0;
  bool hard = true;
  bool honor_affinity = true, honor_taints = false;
  std::vector<LabelRequirement> selector;
  bool has_selector = false;
};

struct HostPort {
  std::string ip;
  std::string protocol;
  std::int64_t port = 0;
};

struct PodSpecView : Attachment {
  Resources requests;           ///< S-040
  std::int64_t scored_cpu = 0, scored_memory = 0;  ///< with the defaults of S-031 for what is missing
  bool best_effort_scoring = false;  ///< asks for neither CPU nor memory: no balance score (S-032)
  std::vector<std::pair<Symbol, Symbol>> node_selector;
  bool has_required = false;
  std::vector<NodeTerm> required;   ///< one must match
  std::vector<PreferredTerm> preferred;
  std::vector<Toleration> tolerations;
  std::vector<PodTerm> affinity, anti_affinity, preferred_pods;
  std::vector<SpreadConstraint> spread;
  std::vector<HostPort> ports;
  std::vector<Symbol> images;       ///< of all containers, with a tag
  Symbol pinned_node = 0;
  std::int32_t priority = 0;
  bool may_preempt = true;
};

/// `ns`: the namespace of the pod, for terms that name none.
Ref<PodSpecView> compile(const PodSpec& spec, Symbol ns, Interner& names);

/// "ubuntu" -> "ubuntu:latest"
std::string normalized_image(std::string_view image);

}  // namespace orrery::sched
