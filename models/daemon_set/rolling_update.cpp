// Which old pods go, and where new ones come beside them (D-061 … D-068). Upstream looks at nodes in random order; here
// they come by name. Nothing else depends on the order: whatever counts against a limit is counted before it is applied.
#include <algorithm>

#include "daemon_set_controller.hpp"

namespace orrery::daemon {

Task<bool> DaemonSetController::rolling_update(Sync& s) {
  Task<bool> claiming = claim_pods(s);
  const bool claimed = co_await claiming;
  if (!claimed) co_return false;
  NodeTable& table = *s.table;
  table.refresh(now());
  const Totals& t = table.totals();
  const DaemonSetSpec& spec = *s.set->spec;
  std::int64_t unavailable_max = spec.max_unavailable.of(t.desired);
  const std::int64_t surge_max = spec.max_surge.of(t.desired);
  if (t.desired > 0 && unavailable_max == 0 && surge_max == 0) unavailable_max = 1;

  const Revision& revision = table.revision();
  Changes changes;
  auto drop_old = [&](const NodeEntry& e) { changes.deletes.emplace_back(e.two(revision).old->name()); };

  if (surge_max == 0) {
    // D-065: an old pod that serves nobody goes at once, and counts as unavailable.
    for (const NodeEntry* e : table.old_bad()) drop_old(*e);
    const std::int64_t unavailable = t.in(Stage::excess) + t.in(Stage::empty) + t.in(Stage::both_new_ok) + t.in(Stage::both_new_bad) +
                                     t.in(Stage::new_bad) + t.in(Stage::old_bad);
    std::int64_t left = unavailable_max - unavailable;
    for (auto it = table.old_ok().begin(); it != table.old_ok().end() && left > 0; ++it, --left) drop_old(**it);
  } else {
    // D-067.
    for (const NodeTable::Set* set : {&table.old_bad(), &table.old_ok()})
      for (const NodeEntry* e : *set)
        if (store().cached_node(e->text) == nullptr || !e->node) co_return false;
    for (const NodeEntry* e : table.both_new_ok()) drop_old(*e);
    std::int64_t left = surge_max - t.in(Stage::excess) - t.in(Stage::both_new_bad);
    std::int64_t surplus = t.surge_available - t.desired;
    for (const NodeEntry* e : table.old_bad()) {
      if (e->fit.should_run)
        changes.creates.push_back(e->name);
      else
        drop_old(*e);
    }
    for (const NodeEntry* e : table.old_ok()) {
      if (!e->fit.should_run) {
        if (surplus-- > 0) drop_old(*e);
      } else if (left-- > 0) {
        changes.creates.push_back(e->name);
      }
    }
  }
  Task<bool> carrying = carry_out(s, std::move(changes));
  const bool ok = co_await carrying;
  co_return ok;
}

}  // namespace orrery::daemon
