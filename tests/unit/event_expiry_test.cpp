// How long Events are there.
#include <doctest/doctest.h>

#include <chrono>

#include "orrery/cluster/symbols.hpp"
#include "support/housekeeping_world.hpp"

using namespace orrery;
using namespace orrery::test;

namespace {
/// A controller that does nothing but speak.
class Speaker final : public Controller {
 public:
  explicit Speaker(Cluster& cluster) : Controller(cluster, {.name = "speaker", .component = "speaker"}) {}
  void on_change(const Change&) override {}
  void on_start() override {}
  void on_stop() override {}
  void say(const Object& on, const std::string& text) { recorder().event(on, sym::Normal, cluster_.symbol("Said"), text); }
};
}  // namespace

TEST_CASE("an Event is there for an hour after its last write, as kube-apiserver's --event-ttl has it") {
  World w(Timing{});
  auto owned = std::make_unique<Speaker>(w.cluster);
  Speaker& speaker = *owned;
  w.add(std::move(owned));
  w.start();
  const Ref<const Object> pod = w.create(w.pod("p"));
  const auto there = [&] { return w.store().list(Kind::event).size(); };
  const auto count_of_first = [&] { return static_cast<const EventObject&>(*w.store().list(Kind::event).front()).count; };

  speaker.say(*pod, "once");
  w.run_to(10min);
  speaker.say(*pod, "again and again");
  w.run_to(60min - 1ns);
  CHECK(there() == 2);
  w.run_to(60min);
  CHECK(there() == 1);
  // Said again within the hour it is the same Event, and its hour begins anew.
  w.run_to(65min);
  speaker.say(*pod, "again and again");
  w.run_to(100min);
  CHECK(there() == 1);
  CHECK(count_of_first() == 2);
  // Said again later it is a new one, which goes on counting: the recorder remembers longer than the API server.
  w.run_to(180min);
  CHECK(there() == 0);
  speaker.say(*pod, "again and again");
  w.run_to(181min);
  CHECK(there() == 1);
  CHECK(count_of_first() == 3);
  CHECK(w.store().count(Kind::event) == 1);
}
