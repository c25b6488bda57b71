#pragma once
// Coroutines that nobody waits for, kept until they end: a controller's periodic loops and timed work.
#include <algorithm>
#include <utility>
#include <vector>

#include "orrery/cluster/task.hpp"

namespace orrery {

class TaskGroup {
 public:
  /// Starts the task at once. Amortized O(1).
  void add(Task<void> task) {
    if (tasks_.size() >= 2 * latch_.open + 16)
      tasks_.erase(std::remove_if(tasks_.begin(), tasks_.end(), [](const Task<void>& t) { return t.done(); }), tasks_.end());
    tasks_.push_back(std::move(task));
    tasks_.back().start(latch_);
  }
  std::size_t running() const { return latch_.open; }

 private:
  Latch latch_;
  std::vector<Task<void>> tasks_;
};

}  // namespace orrery
