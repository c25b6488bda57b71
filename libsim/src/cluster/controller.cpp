#include "orrery/cluster/controller.hpp"

namespace orrery {

void Controller::start() {
  if (running_) return;
  running_ = true;
  for (std::size_t k = 0; k < kKindCount; ++k) {
    if (!watches(static_cast<Kind>(k))) continue;
    for (const auto& object : store().cached_list(static_cast<Kind>(k)))
      on_change({ChangeType::added, object->kind, now(), cluster_.kernel().current_event(), object, {}});
  }
  on_start();
}

void Controller::stop() {
  if (!running_) return;
  running_ = false;
  recorder_.forget();
  on_stop();
}

}  // namespace orrery
