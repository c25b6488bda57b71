#include <doctest/doctest.h>

#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {

void finish(World& w, std::string_view name) {
  w.change<Job>(name, [&](Job& j) {
    Condition c;
    c.type = sym::Complete;
    c.status = sym::True;
    c.transition = stamp(w.cluster.now());
    j.status.conditions.push_back(c);
  });
}

World& with_job(World& w, std::int64_t ttl) {
  w.add(make_ttl_controller(w.cluster));
  w.start();
  auto j = World::job("j");
  if (ttl >= 0) j["spec"]["ttlSecondsAfterFinished"] = ttl;
  w.create(j);
  return w;
}

}  // namespace

TEST_CASE("J-282, J-283: a finished job is deleted in the foreground at the floor of its finish plus its TTL") {
  struct Row {
    std::int64_t ttl;
    Duration finish;
    const char* deleted;
  };
  // The watch takes 1.009 ms, the live GET and the DELETE 2.006 ms each.
  const Row rows[] = {{10, 8616031us + 100ns, "18.004012"}, {0, 36400ms, "36.405021"}, {1, 36400ms, "37.004012"}, {-1, 8s, nullptr}};
  for (const Row& row : rows) {
    CAPTURE(row.ttl);
    World w;
    with_job(w, row.ttl);
    w.run_to(row.finish);
    finish(w, "j");
    w.run_to(200s);
    const Job* j = w.store().live_job(sym::default_, "j");
    REQUIRE(j != nullptr);
    CHECK(static_cast<bool>(j->meta.deleted) == (row.deleted != nullptr));
    if (row.deleted == nullptr) continue;
    CHECK(w.lines.back() == std::string(row.deleted) + " MODIFIED Job j");
    CHECK(j->meta.has_finalizer(sym::foregroundDeletion));
  }
}

TEST_CASE("J-283: a TTL that grows while the job waits counts from the same finish; a removed one cancels") {
  for (const bool removed : {false, true}) {
    CAPTURE(removed);
    World w;
    with_job(w, 10);
    w.run_to(5s);
    finish(w, "j");
    w.run_to(12s);
    auto spec = World::job("j")["spec"];
    if (!removed) spec["ttlSecondsAfterFinished"] = 30;
    w.change<Job>("j", [&](Job& j) { j.spec = JobSpec::make(spec, w.cluster.names()); });
    w.run_to(34s);
    CHECK_FALSE(w.store().live_job(sym::default_, "j")->meta.deleted);
    w.run_to(100s);
    CHECK(static_cast<bool>(w.store().live_job(sym::default_, "j")->meta.deleted) == !removed);
    if (!removed) CHECK(w.lines.back() == "35.004012 MODIFIED Job j");
  }
}

TEST_CASE("J-280: a restarted controller finds the jobs that finished without it") {
  World w;
  with_job(w, 5);
  w.run_to(3s);
  w.controllers[0]->stop();
  finish(w, "j");
  w.run_to(60s);
  CHECK_FALSE(w.store().live_job(sym::default_, "j")->meta.deleted);
  w.controllers[0]->start();
  w.run_to(61s);
  CHECK(w.lines.back() == "60.004012 MODIFIED Job j");
}
