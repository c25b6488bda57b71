#include "orrery/core/math.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

using namespace orrery;

namespace {

/// `bits` is what every machine must give, `truth` the value computed with 60 digits.
struct Row {
  double x, bits, truth;
};
struct PowRow {
  double x, y, bits, truth;
};

constexpr Row kLog[] = {
    {0x1.56e1fc2f8f359p-997, -0x1.5963447f87fb5p+9, -690.77552789821370518},
    {0x1.b7cdfd9d7bdbbp-34, -0x1.7069e2aa2aa5bp+4, -23.025850929940456804},
    {0x1.999999999999ap-4, -0x1.26bb1bbb55515p+1, -2.3025850929940456285},
    {0x1p-1, -0x1.62e42fefa39efp-1, -0.69314718055994530942},
    {0x1.6a09e65dc27dfp-1, -0x1.62e4300c77ae8p-2, -0.3465735919580041927},
    {0x1.ccccccccccccdp-1, -0x1.af8e8210a415cp-4, -0.10536051565782627656},
    {0x1.ffffde7210be9p-1, -0x1.0c6f82d74d23p-20, -1.0000005000290890269e-6},
    {0x1p+0, 0x0p+0, 0.0},
    {0x1.000001ad7f29bp+0, 0x1.ad7f2847b6491p-24, 9.9999995058387045178e-8},
    {0x1.6a09e667f3bcdp+0, 0x1.62e42fefa39fp-2, 0.34657359027997272307},
    {0x1p+1, 0x1.62e42fefa39efp-1, 0.69314718055994530942},
    {0x1.5bf0a8b145769p+1, 0x1p+0, 0.99999999999999994682},
    {0x1.4p+3, 0x1.26bb1bbb55516p+1, 2.302585092994045684},
    {0x1.81cd6c8b43958p+13, 0x1.2d79559791e31p+3, 9.4210613212918319671},
    {0x1.bc16d674ec8p+59, 0x1.4b927f32bffb8p+5, 41.446531673892822312},
    {0x1.e42d130773b76p+1023, 0x1.62dd08fdc6f88p+9, 709.72683689322824104},
};
constexpr Row kExp[] = {
    {-0x1.5ep+9, 0x1.14f2b0fb9307fp-1010, 9.8596765437597708567e-305},
    {-0x1.92p+6, 0x1.01a0e5643644fp-145, 2.2563401359170363132e-44},
    {-0x1p+0, 0x1.78b56362cef38p-2, 0.3678794411714423216},
    {-0x1.62e42fead449cp-2, 0x1.6a09e669a7145p-1, 0.70710678138451809635},
    {-0x1.b7cdfd9d7bdbbp-34, 0x1.ffffffff2419p-1, 0.9999999999},
    {0x0p+0, 0x1p+0, 1.0},
    {0x1.b7cdfd9d7bdbbp-34, 0x1.000000006df38p+0, 1.0000000001},
    {0x1.999999999999ap-4, 0x1.1aec7b35a00d4p+0, 1.1051709180756476309},
    {0x1p-1, 0x1.a61298e1e069cp+0, 1.6487212707001281468},
    {0x1p+0, 0x1.5bf0a8b14576ap+1, 2.7182818284590452354},
    {0x1.4p+1, 0x1.85d6fd931e0bbp+3, 12.182493960703473438},
    {0x1.4p+3, 0x1.5829dcf95056p+14, 22026.465794806716517},
    {0x1.5ap+5, 0x1.50fd5a6902085p+62, 6070666043225936834.3},
    {0x1.5ep+9, 0x1.d945df4f8ec8ep+1009, 1.0142320547350045095e+304},
};
constexpr Row kQuantile[] = {
    {0x1.56e1fc2f8f359p-997, -0x1.286074064c26ep+5, -37.047096299361199237},
    {0x1p-53, -0x1.06b48528cea51p+3, -8.2095361516013868556},
    {0x1.b7cdfd9d7bdbbp-34, -0x1.97203597a2154p+2, -6.3613409024040561991},
    {0x1.a36e2eb1c432dp-14, -0x1.dc08bb712893ap+1, -3.7190164854556805523},
    {0x1.47ae147ae147bp-7, -0x1.29c5c4630ff0ep+1, -2.3263478740408410931},
    {0x1.32ca57a786c22p-4, -0x1.70b374817af5p+0, -1.4402382675279636631},
    {0x1.339c0ebedfa44p-4, -0x1.7056dc6686c9ap+0, -1.4388253927525399824},
    {0x1p-2, -0x1.5956b87528a49p-1, -0.6744897501960817432},
    {0x1.ffe5c91d14e3cp-2, -0x1.06d6ca8553fc1p-12, -0.00025066283008800749239},
    {0x1p-1, 0x0p+0, 0.0},
    {0x1.8p-1, 0x1.5956b87528a49p-1, 0.6744897501960817432},
    {0x1.ccccccccccccdp-1, 0x1.4813c36e26d34p+0, 1.2815515655446005935},
    {0x1.d99999999999ap-1, 0x1.7085226d3e524p+0, 1.4395314709384562291},
    {0x1.fae147ae147aep-1, 0x1.29c5c4630ff0ep+1, 2.3263478740408407676},
    {0x1.ffffde7210be9p-1, 0x1.30381a97985f1p+2, 4.7534243088170877657},
};
constexpr PowRow kPow[] = {
    {0x1p+1, 0x1p-1, 0x1.6a09e667f3bccp+0, 1.4142135623730950488},
    {0x1.3333333333333p-2, 0x1.4p+1, 0x1.93d32bceafc28p-5, 0.04929503017546494565},
    {0x1.cd2b297d889bcp-54, 0x1.999999999999ap-3, 0x1.4acda94717d6p-11, 0.00063095734448019298872},
    {0x1.4p+2, -0x1.8p+0, 0x1.6e5b7d16657e2p-4, 0.089442719099991587856},
    {0x1.2p+5, 0x1.cp+2, 0x1.23ede40000002p+36, 78364164096.0},
};

bool close(double a, double b) { return std::abs(a - b) <= 1e-14 * std::abs(b); }
bool identical(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

template <std::size_t N, class F>
void check_table(const Row (&rows)[N], F f) {
  for (const auto& row : rows) {
    CAPTURE(row.x);
    CHECK(identical(f(row.x), row.bits));
    CHECK(close(f(row.x), row.truth));
  }
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("the functions give these bits, and they are right") {
  check_table(kLog, portable_log);
  check_table(kExp, portable_exp);
  check_table(kQuantile, normal_quantile);
  for (const auto& row : kPow) {
    CHECK(identical(portable_pow(row.x, row.y), row.bits));
    CHECK(close(portable_pow(row.x, row.y), row.truth));
  }
}

TEST_CASE("log and exp agree with the C library to 1e-14") {
  for (double x = 1e-300; x < 1e300; x *= 1.0137) REQUIRE(close(portable_log(x), std::log(x)));
  for (double x = 0.4; x < 2.5; x += 0.00037) REQUIRE(close(portable_log(x), std::log(x)));
  for (double x = -707; x < 708; x += 0.0137) REQUIRE(close(portable_exp(x), std::exp(x)));
}

TEST_CASE("the normal quantile inverts the distribution function") {
  for (double p = 0.0005; p < 1; p += 0.0007) {
    const double z = normal_quantile(p);
    REQUIRE(0.5 * std::erfc(-z / std::sqrt(2.0)) == doctest::Approx(p).epsilon(1e-13));
    // Symmetric, up to the rounding of 1 - p.
    REQUIRE(normal_quantile(1 - p) == doctest::Approx(-z).epsilon(1e-11));
  }
}

TEST_CASE("the ends of the ranges") {
  CHECK(portable_log(0) == -kInfinity);
  CHECK(portable_log(kInfinity) == kInfinity);
  CHECK(std::isnan(portable_log(-1)));
  CHECK(std::isnan(portable_log(std::nan(""))));
  CHECK(portable_exp(1e9) == kInfinity);
  CHECK(portable_exp(-1e9) == 0);
  CHECK(std::isnan(portable_exp(std::nan(""))));
  CHECK(normal_quantile(0) == -kInfinity);
  CHECK(normal_quantile(1) == kInfinity);
  CHECK(std::isnan(normal_quantile(1.5)));
  CHECK(std::isnan(normal_quantile(std::nan(""))));
}
