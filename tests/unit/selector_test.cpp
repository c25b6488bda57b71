#include "orrery/api/selector.hpp"

#include <doctest/doctest.h>

using namespace orrery;

TEST_CASE("label selectors select as kubectl does") {
  const std::vector<std::pair<std::string, std::string>> labels{{"app", "web"}, {"tier", "front"}};
  struct Row {
    const char* text;
    bool selected;
  };
  for (const Row& row : {Row{"", true}, {"app=web", true}, {"app==web", true}, {"app=db", false}, {"app!=db", true}, {"gone!=x", true},
                         {"app in (db, web)", true}, {"app notin (db,web)", false}, {"gone notin (x)", true}, {"tier", true}, {"!tier", false},
                         {"!gone", true}, {"app=web,tier=back", false}, {" app = web , tier ", true}, {"gone=", false}}) {
    CAPTURE(row.text);
    auto s = parse_selector(row.text);
    REQUIRE(s);
    CHECK(s->matches(labels) == row.selected);
  }
  for (const char* text : {"=x", "a in x", "a in (x", "a,,b", "a b", "a=b,", "!"}) {
    CAPTURE(text);
    std::string why;
    CHECK_FALSE(parse_selector(text, &why));
    CHECK_FALSE(why.empty());
  }
}
