#pragma once
// The scenario file: what `orrery run` reads. Reading collects every problem with its place; what comes out is complete and
// within the limits below, so that nobody behind it has to doubt a range. Kubernetes objects stay JSON.
//
//   Result<Scenario> scenario = read_scenario_file("rollout.json");
//   if (!scenario) for (const Diagnostic& d : scenario.problems()) …
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/core/diagnostic.hpp"
#include "orrery/core/time.hpp"
#include "orrery/io/behavior.hpp"
#include "orrery/io/expectation.hpp"
#include "orrery/io/source_ref.hpp"
#include "orrery/io/timeline.hpp"

namespace orrery {

inline constexpr std::string_view kScenarioApiVersion = "orrery/v1";
inline constexpr std::string_view kScenarioKind = "Scenario";

// Limits. A scenario beyond one of them is refused with a message that names the limit.
inline constexpr std::int64_t kMaxNodes = 1'000'000;          ///< after `count` is expanded
inline constexpr std::size_t kMaxObjects = 1'000'000;         ///< of `objects`, files included
inline constexpr std::size_t kMaxTimeline = 100'000;
inline constexpr std::size_t kMaxBehaviors = 10'000;
inline constexpr std::size_t kMaxAttempts = 1'000;            ///< of one behavior
inline constexpr std::size_t kMaxExpectations = 100'000;
inline constexpr std::size_t kMaxDistributionValues = 100'000;  ///< of one `choice` or `empirical`
inline constexpr std::size_t kMaxScenarioBytes = std::size_t{64} << 20;  ///< of the scenario, and of each manifest
inline constexpr std::size_t kMaxTextLength = 64 * 1024;      ///< of one string of the scenario's own fields
inline constexpr std::size_t kMaxNameLength = 253;            ///< of names, as in Kubernetes
inline constexpr std::size_t kMaxPatternLength = 1'000;       ///< of a regular expression
inline constexpr std::size_t kMaxScenarioProblems = 100;      ///< reported; what follows is only counted

/// A run until "settled" ends at the latest so long after t = 0.
inline constexpr Duration kSettledLimit = std::chrono::hours(24);

/// The timing model. See the profiles for the sources of the defaults. All durations >= 0.
struct ControlPlane {
  std::string profile = "ideal";
  Duration api_latency{};    ///< of each write (and live read) of a controller
  Duration watch_latency{};  ///< commit -> visible in every informer
  Duration bind_latency{};   ///< pod created -> bound, where it fits
  Duration skew{};           ///< added k times for the k-th controller of kControllerNames
  Duration commit_gap{};     ///< least distance of two writes
  std::int64_t qps_milli = 0;  ///< client limiter of each controller, thousandths of a call per second; 0 = unlimited
  std::int32_t burst = 0;      ///< >= 1 when there is a limit
};

/// "realistic" or "ideal"; nullopt for another name.
///
/// `ideal`: every latency is 0 and nothing is limited.
/// `realistic`: a healthy small cluster.
///   apiLatency 5 ms, watchLatency 5 ms: typical of a local etcd on SSDs. Upstream promises only bounds (99 % of mutating
///     calls within 1 s: kubernetes/community, sig-scalability/slos), so the values are ours.
///   bindLatency 10 ms: one watch hop to the scheduler, its cycle (at most 3.7 ms at 5,000 nodes, by the 270 pods/s gate of
///     test/integration/scheduler_perf), and the call to bind, rounded to what an idle cluster shows.
///   qps 20, burst 30: the defaults of kube-controller-manager, --kube-api-qps and --kube-api-burst.
///   skew, commitGap 0: they exist to keep recorded traces apart, a cluster has no such thing.
std::optional<ControlPlane> control_plane_profile(std::string_view name);

/// An entry of `spec.nodes`: one Node, or `count` copies of it.
struct NodeEntry {
  nlohmann::json node;                ///< a complete v1 Node whose strings may hold "{i}"
  std::optional<std::int64_t> count;  ///< >= 0; absent = one node with the name as it stands
  SourceRef from;
};

/// How many nodes the entry stands for.
std::int64_t node_count(const NodeEntry& entry);
/// The name of the i-th of them, i in [0, node_count): NAME-i where there is a count. "{i}" is replaced first.
std::string node_name(const NodeEntry& entry, std::int64_t i);
/// The i-th Node object itself. Cost: one copy of the entry.
nlohmann::json node_object(const NodeEntry& entry, std::int64_t i);

struct Scenario {
  std::string name;  ///< of the metadata, else of the file without its extension
  std::map<std::string, std::string> annotations;
  std::uint64_t seed = 0;
  Time start = Time(std::chrono::seconds(1'767'225'600));  ///< 2026-01-01T00:00:00Z
  std::optional<Duration> until;  ///< > 0; absent = until settled, at most kSettledLimit
  ControlPlane control_plane;
  std::vector<NodeEntry> nodes;           ///< exist and are Ready before t = 0
  std::vector<ManifestObject> objects;    ///< applied at t = 0, in order
  std::vector<Behavior> behaviors;
  std::vector<TimelineAction> timeline;   ///< as written, not sorted by time
  std::vector<Expectation> expect;
};

struct ReadOptions {
  /// `PATH=VALUE`, applied in order before anything is checked. PATH is a JSON pointer ("/spec/seed") or a dotted path,
  /// with or without "spec." ("controlPlane.apiLatency", "nodes[0].count"); VALUE is JSON, or else taken as a string.
  std::vector<std::string> overrides{};
  std::optional<std::uint64_t> seed{};  ///< wins over the file
  std::optional<Duration> until{};      ///< wins over the file
};

/// Reads a file, and the manifests it names relative to its folder. Never throws on bad input; problems are sorted by file
/// and line.
Result<Scenario> read_scenario_file(const std::string& path, const ReadOptions& options = {});

/// The same from text, JSON or YAML. `source_name` stands in messages, `base_dir` is where the paths of manifests begin.
Result<Scenario> parse_scenario(std::string_view text, const std::string& source_name, const std::string& base_dir,
                                const ReadOptions& options = {});

struct ManifestOptions {
  std::int64_t nodes = 0;   ///< so many nodes node-0 … with 8 CPUs, 32Gi of memory and room for 110 pods
  std::string nodes_from{};   ///< path of a manifest of Nodes; empty = none
  ReadOptions read{};
};

/// A scenario around plain manifests (JSON, multi-document YAML, Lists) with the realistic profile. Node objects among them
/// become nodes that exist before t = 0; all others are applied at t = 0, in order.
Result<Scenario> scenario_from_manifests(const std::vector<std::string>& paths, const ManifestOptions& options = {});

/// Whether a document means to be a scenario (and not a manifest), right or wrong.
bool is_scenario(const nlohmann::json& document);

}  // namespace orrery
