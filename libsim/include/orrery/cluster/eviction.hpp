#pragma once
// The eviction subresource of pods: a deletion that asks the PodDisruptionBudgets first (E-010 … E-014). One eviction at a
// time; those that end in one instant go in the order of namespace and name. Callers use Client::evict.
// upstream: pkg/registry/core/pod/storage/eviction.go
#include <cstdint>
#include <map>
#include <string>

#include "orrery/cluster/cluster.hpp"
#include "orrery/core/random.hpp"

namespace orrery {

class Client;

/// More evictions than this may not wait for the disruption controller (E-011 row 3).
inline constexpr std::size_t kDisruptedPodsMax = 2000;

/// What the budget answers to one more disruption, without changing it: ok, or the refusal (E-011, E-012).
ApiResult ask_budget(const PodDisruptionBudget& budget, const Interner& names);

class EvictionQueue final : public Actor {
 public:
  explicit EvictionQueue(Cluster& cluster);

  /// A call that will arrive at `at`. Returns its ticket.
  std::uint64_t enter(Client& client, std::uint32_t call, Time at, Symbol ns, std::string_view name, const DeleteOptions& options);
  /// It has arrived, and is answered by Client::answer as soon as its turn has come and gone.
  void arrived(std::uint64_t ticket);

  void on_event(const Event&) override;
  std::string_view actor_name() const override { return "evictions"; }

 private:
  enum class Step : std::uint8_t { decide, mark, remove };
  struct Ticket {
    std::uint64_t id = 0;
    Client* client = nullptr;
    std::uint32_t call = 0;
    Time at{};
    Symbol ns = 0;
    std::string name;
    DeleteOptions asked, options;
    bool here = false;         ///< has arrived
    bool beside_budget = false;  ///< the pod's phase made the budget irrelevant: a conflict is tried again
    bool unhealthy = false;      ///< let go because it is not ready: a conflict is a refusal
    int attempts = 0;
    Step step = Step::decide;
    std::string budget;
  };
  void next();
  /// Runs `step` at the next free turn for a write.
  void at_turn(Ticket& t, Step step);
  void run(Ticket& t);
  void decide(Ticket& t);
  void mark(Ticket& t);
  void remove(Ticket& t);
  void answer(Ticket& t, ApiResult result);
  void failed(Ticket& t, ApiResult result);

  Cluster& cluster_;
  ActorId self_;
  RandomStream jitter_;
  std::map<std::uint64_t, Ticket> tickets_;
  std::uint64_t last_ = 0;
  std::uint64_t busy_ = 0;  ///< ticket whose turn it is; 0 = none
};

}  // namespace orrery
