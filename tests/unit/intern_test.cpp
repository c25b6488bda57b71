#include "orrery/core/intern.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace orrery;

TEST_CASE("equal texts get one number, dense and in the order of first use") {
  Interner names;
  CHECK(names.size() == 1);
  CHECK(names.intern("") == 0);
  CHECK(names.intern("web") == 1);
  CHECK(names.intern("db") == 2);
  CHECK(names.intern("web") == 1);
  CHECK(names.text(0).empty());
  CHECK(names.text(1) == "web");
  CHECK(names.text(2) == "db");
  CHECK(names.size() == 3);
  CHECK(names.find("db") == Symbol{2});
  CHECK(names.find("") == Symbol{0});
  CHECK_FALSE(names.find("cache"));
  CHECK(names.size() == 3);
}

TEST_CASE("texts stay where they are while many others come") {
  Interner names;
  std::vector<std::string_view> views;
  const auto text_of = [](int i) { return i % 1000 == 0 ? std::string(static_cast<std::size_t>(20'000 + i), 'x') : "pod-" + std::to_string(i); };
  constexpr int kTexts = 50'000;
  for (int i = 0; i < kTexts; ++i) {
    const Symbol s = names.intern(text_of(i));
    REQUIRE(s == static_cast<Symbol>(i + 1));
    views.push_back(names.text(s));
  }
  for (int i = 0; i < kTexts; ++i) {
    REQUIRE(views[static_cast<std::size_t>(i)] == text_of(i));
    REQUIRE(names.intern(text_of(i)) == static_cast<Symbol>(i + 1));
    REQUIRE(names.text(static_cast<Symbol>(i + 1)).data() == views[static_cast<std::size_t>(i)].data());
  }
}

TEST_CASE("any bytes are a text") {
  Interner names;
  const std::string with_zero("a\0b", 3);
  const Symbol a = names.intern("a");
  const Symbol b = names.intern(with_zero);
  CHECK(a != b);
  CHECK(names.text(b) == with_zero);
  CHECK(names.text(names.intern("\xff\xfe")) == "\xff\xfe");
}
