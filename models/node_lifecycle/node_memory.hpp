#pragma once
// What the node life cycle controller remembers of nodes and zones between its passes, and the rules for it that need no
// calls. Lost when the controller stops.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "node_lifecycle/zone_queue.hpp"
#include "orrery/models/housekeeping.hpp"

namespace orrery {

enum class ZoneState : std::uint8_t { initial, normal, full_disruption, partial_disruption };

struct Zone {
  explicit Zone(float qps) : queue(qps) {}
  ZoneQueue queue;
  std::optional<ZoneState> state;  ///< none: not one of the zones that count at present
  // counted anew in each pass:
  std::int32_t ready = 0, not_ready = 0;
  ZoneState next = ZoneState::initial;
  std::int32_t size() const { return ready + not_ready; }
};

struct NodeRecord {
  Symbol name = 0;
  Ref<const Node> cached;      ///< as the watch last showed it; null when it is gone
  Ref<const Node> registered;  ///< as it was first seen by a pass; null: not yet, or taken for removed
  bool has_lease = false;
  Time lease_renewed{};
  Zone* zone = nullptr;
  bool excluded = false;  ///< its label takes it out of the zones' statistics
  bool retry = false;     ///< its pods could not all be marked

  // health, which outlives the node's object (N-060)
  bool has_health = false;
  Time probe{};
  Ref<const Node> saved;  ///< with the status last seen
  bool unready = false;   ///< `saved` has the condition Ready, and it is not True
  bool has_saved_lease = false;
  Time saved_lease_renewed{};
};

/// What a look at a node found.
struct NodeHealth {
  Symbol observed = 0;    ///< status of Ready before the pass (Unknown where there was none)
  Symbol current = 0;     ///< and after; 0 = no such condition
  bool silent = false;    ///< no sign of life for too long: to be written
  Ref<const Node> node;   ///< with `current` in its conditions
};

class NodeMemory {
 public:
  explicit NodeMemory(const NodeLifecycleOptions& options) : options_(options) {}
  NodeMemory(const NodeMemory&) = delete;

  NodeRecord& record(std::string_view name, Symbol symbol);
  NodeRecord* find(Symbol name);
  void node_changed(NodeRecord& record, const Change& change);
  /// Every record whose node is in the cache, by name. Valid until the next node comes or goes.
  const std::vector<NodeRecord*>& nodes();
  /// Those that passes know and the cache does not, by name.
  std::vector<NodeRecord*> vanished();
  std::map<std::string, Zone>& zones() { return zones_; }
  /// upstream: addPodEvictorForNewZone
  void open_zone(Zone& zone);
  float rate_for(ZoneState state, std::int32_t zone_size) const;
  static ZoneState state_of(const Zone& zone, float unhealthy_share);

  /// N-023 up to the write.
  NodeHealth look(NodeRecord& record, const Ref<const Node>& node, Time now);
  /// After the write of what `look` found.
  void written(NodeRecord& record, const NodeHealth& health);
  /// Whether the node was not ready when a pass saw it last. O(1), and next to nothing where all are.
  bool remembered_unready(Symbol name) const;

 private:
  void save(NodeRecord& record, Ref<const Node> node);

  const NodeLifecycleOptions options_;
  std::map<std::string, std::unique_ptr<NodeRecord>> records_;
  std::size_t unready_ = 0;  ///< records that are
  std::unordered_map<Symbol, NodeRecord*> by_symbol_;
  std::map<std::string, Zone> zones_;
  std::vector<NodeRecord*> nodes_;
  bool nodes_stale_ = true;
};

/// A copy with the four conditions of a silent node set to Unknown.
Ref<const Node> mark_silent(const Node& node, Interner& names, Time now);

}  // namespace orrery
