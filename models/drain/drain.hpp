#pragma once
// `kubectl drain`: cordons nodes, lists their pods, evicts them all at once and waits until they are gone (E-020 … E-026).
// upstream: staging/src/k8s.io/kubectl/pkg/{drain,cmd/drain}
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drain/filters.hpp"
#include "orrery/cluster/client.hpp"
#include "orrery/cluster/user_api.hpp"
#include "support/task_group.hpp"

namespace orrery {

/// Where a drain says what it has to say. The functions must outlive the drain.
struct DrainOutput {
  std::function<void(bool is_error, std::string line)> print;  ///< a line that kubectl prints, on its standard error or output
  std::function<void(std::string why)> failed;                 ///< a node could not be drained
};

/// All drains of a run. Each is a process of its own, with a client that nothing limits.
class Drains final {
 public:
  Drains(Cluster& cluster, UserApi& api) : cluster_(cluster), api_(api), client_(cluster, "kubectl drain", {}) {}
  Drains(const Drains&) = delete;

  /// Cordons `nodes` now, then drains one after the other. The text is why it did not even begin; empty when it did.
  std::string start(std::vector<std::string> nodes, const verb::Drain& options, DrainOutput output);
  Client& client() { return client_; }

 private:
  struct Run {
    std::vector<std::string> nodes;
    verb::Drain options;
    DrainOutput output;
    Time deadline = kNever;            ///< of the node that is being drained
    std::vector<std::string> errors;  ///< of its pods
  };
  Task<void> drain(std::shared_ptr<Run> run);
  Task<bool> drain_node(Run& run, const std::string& node);
  Task<std::vector<JudgedPod>> look(const Run& run, const std::string& node);
  Task<void> evict(Run& run, Ref<const Pod> pod);
  Task<void> wait_until_gone(Run& run, Ref<const Pod> pod);

  Cluster& cluster_;
  UserApi& api_;
  Client client_;
  TaskGroup tasks_;
};

}  // namespace orrery
