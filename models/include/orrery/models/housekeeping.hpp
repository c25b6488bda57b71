#pragma once
// The controllers that keep a cluster tidy: TTL-after-finished, garbage collector, PodGC, taint eviction and the node
// life cycle. Each is one controller of kube-controller-manager; none knows the others, all meet in the API.
//
//   std::unique_ptr<Controller> gc = make_garbage_collector(cluster);
//   cluster.store().on_delivery([&](const Change& c) { if (gc->running()) gc->on_change(c); });
//   gc->start();
#include <memory>

#include "orrery/cluster/controller.hpp"

namespace orrery {

/// Deletes finished Jobs when their ttlSecondsAfterFinished is over (J-280 … J-283).
/// upstream: pkg/controller/ttlafterfinished
std::unique_ptr<Controller> make_ttl_controller(Cluster& cluster);

/// Deletes objects whose owners are gone, and serves foreground and orphaning deletion.
/// upstream: pkg/controller/garbagecollector
std::unique_ptr<Controller> make_garbage_collector(Cluster& cluster);

struct PodGcOptions {
  Duration period = std::chrono::seconds{20};
  /// How long a node must be missing. One nanosecond less than two periods, because two periods exactly would be a tie
  /// that a real pass, which takes time, never meets.
  Duration quarantine = std::chrono::seconds{40} - Duration{1};
  /// So many terminated pods may stay; 0 = any number.
  std::int64_t terminated_pods_max = 12500;
};
/// Removes pods that nobody else will: of missing nodes, terminating before they were scheduled, too many terminated
/// ones, and terminating ones of nodes tainted out-of-service (N-065 … N-080).
/// upstream: pkg/controller/podgc
std::unique_ptr<Controller> make_pod_gc(Cluster& cluster, const PodGcOptions& options = {});

/// Deletes pods from nodes with NoExecute taints that they do not tolerate, or no longer (N-050 … N-055).
/// upstream: pkg/controller/tainteviction
std::unique_ptr<Controller> make_taint_eviction(Cluster& cluster);

struct NodeLifecycleOptions {
  Duration monitor_period = std::chrono::seconds{5};
  Duration monitor_grace = std::chrono::seconds{50};
  Duration startup_grace = std::chrono::seconds{60};
  float eviction_qps = 0.1F;            ///< nodes per second and zone
  float secondary_eviction_qps = 0.01F;
  std::int32_t large_cluster_nodes = 50;  ///< a zone is large above this
  float unhealthy_zone_share = 0.55F;
  /// False: nobody renews leases, and no node is ever found silent. Saves the heartbeats of runs in which no node fails.
  bool heartbeats = true;
};
/// Watches heartbeats, marks silent nodes and their pods, and turns node conditions into taints (N-020 … N-063).
/// upstream: pkg/controller/nodelifecycle
std::unique_ptr<Controller> make_node_lifecycle(Cluster& cluster, const NodeLifecycleOptions& options = {});

}  // namespace orrery
