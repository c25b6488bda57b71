#pragma once
// The kubelets of all nodes: they start the containers of bound pods, let them run as the behaviors say, restart them,
// stop them, and write the pods' statuses at the very instant a thing happens.
#include <memory>
#include <string>
#include <vector>

#include "orrery/cluster/cluster.hpp"
#include "orrery/io/behavior.hpp"

namespace orrery {

struct KubeletOptions {
  /// Renew each node's Lease every 10 s. Only worth its price where somebody may stop renewing.
  bool heartbeats = false;
  /// Post the kubelets' Events (Pulled, Created, Started, BackOff, Killing …).
  bool events = false;
};

enum class NodeFailure : std::uint8_t {
  crash,      ///< everything on it is gone
  partition,  ///< containers run on, nothing is written
  kubelet,    ///< likewise: only the kubelet is dead
};

class Kubelets final {
 public:
  /// `behaviors` must outlive it; the first entry that matches a container wins.
  Kubelets(Cluster& cluster, const std::vector<Behavior>& behaviors, const KubeletOptions& options);
  ~Kubelets();
  Kubelets(const Kubelets&) = delete;

  /// False when there is no such node. kForever: for good.
  bool fail_node(std::string_view name, NodeFailure mode, Duration lasts);
  /// The pods get `grace` to end, the critical ones the last `critical` of it; then the node is gone from the network
  /// (P-116, E-030). 0 <= critical <= grace. False when there is no such node.
  bool shutdown_node(std::string_view name, Duration grace, Duration critical);
  /// The running containers of these pods exit now; the longest running pods first, at most `count` (0 = all) of them.
  /// Returns how many pods were hit.
  std::size_t fail_pods(const std::vector<Ref<const Object>>& pods, std::int64_t count, std::int32_t exit_code, const std::string& reason);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orrery
