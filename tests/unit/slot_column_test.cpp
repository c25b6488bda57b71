#include <doctest/doctest.h>

#include "orrery/cluster/slot_column.hpp"

using namespace orrery;

TEST_CASE("what was not noted is as new, wherever it is") {
  SlotColumn<std::uint64_t> column;
  CHECK(column.at(0) == 0);
  CHECK(column.at(1'000'000) == 0);
  column[5] = 7;
  column[3'000] = 8;
  std::uint64_t& kept = column[5];
  column[100'000] = 9;
  CHECK(kept == 7);
  CHECK(&kept == &column[5]);
  CHECK(column.at(3'000) == 8);
  CHECK(column.at(100'000) == 9);
  CHECK(column.at(4'000) == 0);
  CHECK(column.at(100'001) == 0);
}

TEST_CASE("numbers by slot, zero among them, and none once they are cleared") {
  NumberColumn numbers;
  CHECK(numbers.at(9) == NumberColumn::kNone);
  numbers.set(9, 0);
  numbers.set(2'000, 17);
  CHECK(numbers.at(9) == 0);
  CHECK(numbers.at(2'000) == 17);
  CHECK(numbers.at(10) == NumberColumn::kNone);
  numbers.clear(9);
  CHECK(numbers.at(9) == NumberColumn::kNone);
}
