#pragma once
// Where nodes stand, as their labels say, and what they lose together: the regions, zones, racks and power domains of a cluster as
// a graph. A rack is in one zone and a zone in one region; a power domain feeds nodes of one region, across racks and zones.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery {

/// The labels that place a node. The first two are Kubernetes' own (https://kubernetes.io/docs/reference/labels-annotations-taints);
/// it has none for the others, so these are ours.
inline constexpr std::string_view kRegionLabel = "topology.kubernetes.io/region";
inline constexpr std::string_view kZoneLabel = "topology.kubernetes.io/zone";
inline constexpr std::string_view kRackLabel = "orrery/rack";
inline constexpr std::string_view kPowerDomainLabel = "orrery/power-domain";

enum class DomainLevel : std::uint8_t { region, zone, rack, power };
inline constexpr std::array<std::string_view, 4> kDomainLevels = {"region", "zone", "rack", "power domain"};
inline constexpr std::array<std::string_view, 4> kDomainLabels = {kRegionLabel, kZoneLabel, kRackLabel, kPowerDomainLabel};

struct TopologyNode {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;  ///< in any order
};

/// What fails as a whole. Its nodes are those that carry the label.
struct FailureDomain {
  DomainLevel level = DomainLevel::region;
  std::string name;                 ///< the label's value
  std::vector<std::size_t> nodes;   ///< indexes, ascending
};

class Topology {
 public:
  /// Nodes keep their indexes; a label that is not there, or empty, puts a node in no domain of that level.
  explicit Topology(const std::vector<TopologyNode>& nodes);

  /// By level, then by name.
  const std::vector<FailureDomain>& domains() const { return domains_; }
  /// Null when no node carries the label with this value.
  const FailureDomain* find(DomainLevel level, std::string_view name) const;
  /// The selector that a timeline action uses to hit exactly this domain.
  static std::string selector(const FailureDomain& domain);

  /// Indexes into domains() that both nodes are in; empty = no single failure of a domain hits both.
  std::vector<std::size_t> shared(std::size_t a, std::size_t b) const;
  /// The other nodes that share a domain with this one, of the given level or a smaller one, ascending.
  std::vector<std::size_t> peers(std::size_t node, DomainLevel least_common) const;
  /// Nodes in groups: those of two groups are in no common domain of the given levels, not even over others. Ascending, by first node.
  std::vector<std::vector<std::size_t>> independent_groups(const std::vector<DomainLevel>& levels) const;

  /// Domains that are not within one of the next level, for instance a rack in two zones: one sentence each.
  std::vector<std::string> nesting_problems() const;

 private:
  std::vector<FailureDomain> domains_;
  std::vector<std::vector<std::size_t>> domains_of_;  ///< of each node, ascending
};

}  // namespace orrery
