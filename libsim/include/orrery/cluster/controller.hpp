#pragma once
// What a controller author needs: derive from Controller, react to changes by adding keys to a work queue, and reconcile
// a key with reads from the caches and awaited calls to the API. See models/README.md for a whole controller.
#include <memory>
#include <string>
#include <vector>

#include "orrery/cluster/client.hpp"
#include "orrery/cluster/event_recorder.hpp"
#include "orrery/cluster/task.hpp"
#include "orrery/cluster/workqueue.hpp"

namespace orrery {

struct ControllerOptions {
  std::string name;          ///< as in the timeline verbs, e.g. "job"
  std::string component;     ///< source of its Events, e.g. "job-controller"
  std::uint32_t position = 0;  ///< k: its calls take k times the skew longer
  std::int64_t qps_factor = 1;  ///< its client has so many times the common qps
};

/// A controller of the control plane. All its calls happen inside the event loop; `start` is called once its caches are
/// filled, and may be called again after `stop` (its memory is then lost, as with a restarted process).
class Controller {
 public:
  Controller(Cluster& cluster, const ControllerOptions& options)
      : cluster_(cluster),
        options_(options),
        client_(cluster, options.name + " client",
                {.skew = cluster.timing().skew * options.position, .qps_milli = cluster.timing().qps_milli * options.qps_factor, .burst = cluster.timing().burst}),
        recorder_(cluster, options.component, cluster.timing().skew * options.position) {}
  virtual ~Controller() = default;
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;

  const std::string& name() const { return options_.name; }
  bool running() const { return running_; }

  /// Whether changes of this kind are wanted; asked once. Everything by default.
  virtual bool watches(Kind kind) const {
    (void)kind;
    return true;
  }
  /// A change has just become visible in the caches. For a controller that starts, every cached object arrives as added.
  virtual void on_change(const Change& change) = 0;
  /// Workers and periodic loops begin. Called after the initial `on_change` calls.
  virtual void on_start() = 0;
  /// Forget everything; reconciles in flight run to their end.
  virtual void on_stop() = 0;

  /// Delivers what is in the caches, then starts. Called by the simulation, `watchLatency` after the process started.
  void start();
  void stop();
  Client& client() { return client_; }
  FramePool& frame_pool() { return cluster_.frame_pool(); }

 protected:
  Cluster& cluster() { return cluster_; }
  Store& store() { return cluster_.store(); }
  Time now() const { return cluster_.now(); }
  EventRecorder& recorder() { return recorder_; }
  /// Its own source of randomness: other models' draws do not disturb it.
  RandomStream random(std::string_view what, std::uint64_t object) const {
    return RandomStream(cluster_.seed(), fnv1a(options_.name) ^ fnv1a(what), object);
  }

  Cluster& cluster_;

 private:
  ControllerOptions options_;
  Client client_;
  EventRecorder recorder_;
  bool running_ = false;
};

/// metadata.generateName of the pods that an object makes. upstream: pkg/controller/controller_utils.go getPodsPrefix
inline std::string pods_prefix(std::string_view owner) {
  constexpr std::size_t kNameMax = 253;
  std::string out(owner);
  if (out.size() < kNameMax) out += '-';
  return out;
}

}  // namespace orrery
