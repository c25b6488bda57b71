#include "orrery/api/quantity.hpp"

#include <limits>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace orrery;

namespace {
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
}  // namespace

TEST_SUITE("quantity") {
  TEST_CASE("a quantity has the text and the values that upstream's has") {
    struct Row {
      const char* in;
      const char* out;
      std::int64_t value;
      std::int64_t milli;
    };
    const Row rows[] = {
        {"0", "0", 0, 0}, {"0.0", "0", 0, 0}, {"0Ki", "0", 0, 0}, {"-0", "0", 0, 0}, {"-", "0", 0, 0}, {".", "0", 0, 0},
        {"1000m", "1", 1, 1000}, {"0.5", "500m", 1, 500}, {".5", "500m", 1, 500}, {"1024Mi", "1Gi", 1 << 30, 1024LL * 1048576 * 1000},
        {"1500Mi", "1500Mi", 1572864000, 1572864000000}, {"1536Mi", "1536Mi", 1610612736, 1610612736000}, {"12000m", "12", 12, 12000},
        {"16384Mi", "16Gi", 17179869184, 17179869184000}, {"1.5Gi", "1536Mi", 1610612736, 1610612736000}, {"0.5Gi", "512Mi", 536870912, 536870912000},
        {"0.5Ki", "512", 512, 512000}, {"1.7Ki", "1740800m", 1741, 1740800}, {"0.0001Ki", "102400u", 1, 103}, {"1023Ki", "1023Ki", 1047552, 1047552000},
        {"1e3", "1e3", 1000, 1000000}, {"1E3", "1E3", 1000, 1000000}, {"10e2", "1e3", 1000, 1000000}, {"1e-3", "1e-3", 1, 1}, {"5E", "5E", 5000000000000000000, kMax},
        {"1E", "1E", 1000000000000000000, kMax}, {"1k", "1k", 1000, 1000000}, {"1000k", "1M", 1000000, 1000000000}, {"1000000", "1M", 1000000, 1000000000},
        {"100", "100", 100, 100000}, {"1500m", "1500m", 2, 1500}, {"007", "007", 7, 7000}, {"+1", "+1", 1, 1000}, {"-1.5", "-1500m", -2, -1500},
        {"1n", "1n", 1, 1}, {"0.1n", "1n", 1, 1}, {"1.0000000001", "1000000001n", 2, 1001}, {"1u", "1u", 1, 1},
        {"9Ei", "9223372036854775807", kMax, kMax}, {"-9Ei", "-9223372036854775807", -kMax, kMin}, {"1e40", "10e39", kMax, kMax},
        {"9223372036854775808", "9223372036854775808", kMax, kMax}, {"100000000000000000000", "100E", kMax, kMax},
    };
    for (const Row& row : rows) {
      CAPTURE(std::string(row.in));
      const auto q = parse_quantity(std::string_view(row.in));
      REQUIRE(q.has_value());
      CHECK(q->to_string() == row.out);
      CHECK(q->value() == row.value);
      CHECK(q->milli_value() == row.milli);
      const auto again = parse_quantity(std::string_view(q->to_string()));
      REQUIRE(again.has_value());
      CHECK(*again == *q);
    }
  }

  TEST_CASE("what is no quantity is refused in upstream's words") {
    const std::string format = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    const std::string suffix = "unable to parse quantity's suffix";
    struct Row {
      std::string in;
      std::string problem;
    };
    const Row rows[] = {{"", format},        {"1 ", format},   {"1.2.3", format}, {"lots", format}, {"1_000", format}, {"0x10", format}, {"1Gib", format},
                        {"1K", suffix},      {"1mi", suffix},  {"1Kii", suffix},  {"1e", suffix},   {"1iK", suffix},   {"1MM", suffix},
                        {std::string(kMaxQuantityLength + 1, '1'), format}};
    for (const Row& row : rows) {
      CAPTURE(row.in);
      CHECK_FALSE(parse_quantity(std::string_view(row.in)).has_value());
      CHECK(quantity_problem(row.in) == row.problem);
    }
  }

  TEST_CASE("numbers in JSON are quantities, other values are not") {
    CHECK(parse_quantity(nlohmann::json(2))->to_string() == "2");
    CHECK(parse_quantity(nlohmann::json(0.5))->to_string() == "500m");
    CHECK(parse_quantity(nlohmann::json(1e30)).has_value());
    CHECK_FALSE(parse_quantity(nlohmann::json(true)).has_value());
    CHECK_FALSE(parse_quantity(nlohmann::json::array()).has_value());
  }

  TEST_CASE("comparison is by value, whatever the format") {
    const auto q = [](const char* text) { return *parse_quantity(std::string_view(text)); };
    CHECK(q("1") == q("1000m"));
    CHECK(q("1Gi") == q("1073741824"));
    CHECK(q("1e3") == q("1k"));
    CHECK(q("999m") < q("1"));
    CHECK(q("-1") < q("0"));
    CHECK(q("-2") < q("-1"));
    CHECK(q("2") < q("10"));
    CHECK(q("1G") < q("1Gi"));
    CHECK_FALSE(q("1e40") < q("9E"));
    CHECK(Quantity::of(1500).to_string() == "1500");
    CHECK(Quantity::of_milli(1500).to_string() == "1500m");
    CHECK(Quantity::of_milli(2000) == Quantity::of(2));
    CHECK(Quantity::of(1 << 30, Quantity::Format::kBinarySI).to_string() == "1Gi");
    CHECK(q("100m").is_whole_milli());
    CHECK_FALSE(q("1u").is_whole_milli());
    CHECK_FALSE(q("100m").is_whole());
    CHECK(q("1000m").is_whole());
  }
}
