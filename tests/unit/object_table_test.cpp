// Tables by namespace and name: whatever slots are hinted, they are found by their keys.
#include <doctest/doctest.h>

#include <map>
#include <string>

#include "orrery/cluster/object_table.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;

TEST_CASE("a slot is a hint: the name decides") {
  ObjectTable<int> table;
  table.value_of({1, "a", 7}) = 10;
  table.value_of({1, "b", 8}) = 20;
  CHECK(*table.find_value({1, "a", 7}) == 10);
  CHECK(*table.find_value({1, "a"}) == 10);
  CHECK(*table.find_value({1, "a", 8}) == 10);  // the slot of another
  CHECK(*table.find_value({1, "b", 8}) == 20);
  CHECK(*table.find_value({1, "b", 99}) == 20);
  CHECK(table.find_value({2, "a", 7}) == nullptr);
  CHECK(table.find({1, "c", 7}) == table.kNone);
  const std::uint32_t place = table.find({1, "a"});
  CHECK(table.key(place).name == "a");
  table.release(place);
  CHECK(table.find_value({1, "a", 7}) == nullptr);
  CHECK(table.place_of({1, "d", 7}) == place);
  CHECK(*table.find_value({1, "d", 7}) == 0);  // a fresh value
  CHECK(table.find_value({1, "a", 7}) == nullptr);
}

TEST_CASE("the serial of an object stands for its name, not for a place or a slot") {
  ObjectTable<int> table;
  table.value_of({1, "a", 7, 70}) = 10;
  CHECK(*table.find_value({1, "a", 7, 70}) == 10);
  CHECK(*table.find_value({1, "a", 9, 90}) == 10);  // another object of that name
  CHECK(*table.find_value({1, "a", 7, 70}) == 10);
  CHECK(*table.find_value({1, "a"}) == 10);
  const std::uint32_t place = table.find({1, "a"});
  table.release(place);
  CHECK(table.find_value({1, "a", 7, 70}) == nullptr);
  CHECK(table.place_of({1, "b"}) == place);  // which knows no serial any more
  CHECK(table.find_value({1, "a", 7, 70}) == nullptr);
  CHECK(table.find_value({1, "a", 9, 90}) == nullptr);
  table.release(table.place_of({1, "b", 8, 80}));  // straight after it was found
  CHECK(table.find_value({1, "b", 8, 80}) == nullptr);
}

TEST_CASE("a map finds the same, with slots that are right, wrong or missing") {
  ObjectTable<std::uint64_t> table;
  std::map<std::string, std::uint64_t> model;
  std::map<std::string, std::uint64_t> serials;  // of the object that has the name at present
  std::uint64_t last_serial = 0;
  RandomStream random(1, 2, 3);
  for (std::uint64_t step = 1; step < 50000; ++step) {
    const std::string name = "object-" + std::to_string(random.next() % 300);
    const auto slot = static_cast<std::uint32_t>(random.next() % 3 == 0 ? random.next() % 40 : std::stoul(name.substr(7)) % 200);
    std::uint64_t& serial = serials[name];
    if (serial == 0 || random.next() % 10 == 0) serial = ++last_serial;
    const ObjectKeyView key{5, name, slot, random.next() % 2 == 0 ? serial : 0};
    const auto known = model.find(name);
    const std::uint64_t* found = table.find_value(key);
    REQUIRE((found == nullptr) == (known == model.end()));
    if (found != nullptr) REQUIRE(*found == known->second);
    if (random.next() % 3 != 0) {
      table.value_of(key) = model[name] = step;
    } else if (found != nullptr) {
      table.release(table.find(key));
      model.erase(known);
    }
  }
}
