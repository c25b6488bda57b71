// Coroutines: frames from the pool of whom they are members of, tasks that are values, and waiting for several.
#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "orrery/cluster/task.hpp"

using namespace orrery;

namespace {

struct Worker {
  FramePool pool;
  FramePool& frame_pool() { return pool; }
  Task<int> twice(Task<int>& what) {
    const int value = co_await what;
    co_return 2 * value;
  }
  Task<int> number(int value) { co_return value; }
  Task<void> add(int value) {
    sum += value;
    co_return;
  }
  Task<void> run(std::vector<Task<void>>& tasks, bool& done) {
    Latch latch;
    WhenAll all{tasks, latch};
    co_await all;
    done = true;
  }
  int sum = 0;
};

int finished(Task<int> task) {
  Latch latch;
  task.start(latch);
  CHECK(task.done());
  return task.take();
}

Task<int> nobodys(int value) { co_return value; }

}  // namespace

TEST_CASE("a task may be a value from the beginning") {
  Worker w;
  Task<int> value = 21;
  CHECK(value.ready());
  CHECK(finished(w.twice(value)) == 42);
  Task<int> frame = w.number(4);
  CHECK(!frame.ready());
  CHECK(finished(w.twice(frame)) == 8);
  CHECK(finished(nobodys(5)) == 5);
}

TEST_CASE("waiting for several counts those that are done already") {
  Worker w;
  std::vector<Task<void>> tasks;
  tasks.push_back(w.add(1));
  tasks.push_back({});
  tasks.push_back(w.add(2));
  bool done = false;
  Task<void> all = w.run(tasks, done);
  Latch latch;
  all.start(latch);
  CHECK(done);
  CHECK(w.sum == 3);
}

TEST_CASE("what was given back last is taken first") {
  FramePool pool;
  void *a = pool.take(100), *b = pool.take(100), *large = pool.take(1 << 20);
  CHECK(a != b);
  pool.give_back(a, 100);
  pool.give_back(b, 100);
  pool.give_back(large, 1 << 20);
  CHECK(pool.take(128) == b);
  CHECK(pool.take(65) == a);
  void* other = pool.take(64);
  CHECK(other != a);
  pool.give_back(other, 64);
  pool.give_back(b, 128);
  pool.give_back(a, 65);
}

TEST_CASE("a burst of frames is not kept") {
  FramePool pool;
  std::vector<void*> all;
  for (int i = 0; i < 1000; ++i) all.push_back(pool.take(200));
  for (void* p : all) pool.give_back(p, 200);
  for (void*& p : all) p = pool.take(200);
  CHECK(std::set<void*>(all.begin(), all.end()).size() == all.size());
  for (void* p : all) pool.give_back(p, 200);
}
