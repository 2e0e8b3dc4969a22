#include "totp.hpp"

#include <sportello/http/message.hpp>

#include <liboath/oath.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace sportello::api {
namespace {

constexpr unsigned digits = 6;
constexpr std::size_t window = 1;

void start_liboath()
{
    static const int started = oath_init();
    if (started != OATH_OK) throw std::runtime_error("liboath does not start");
}

std::time_t seconds(base::Instant at)
{
    return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

} // namespace

std::optional<std::int64_t> totp_step(std::string_view secret, std::string_view code, base::Instant now)
{
    start_liboath();
    const bool well_formed = code.size() == digits && std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!well_formed) return std::nullopt;
    int position = 0;
    std::uint64_t counter = 0;
    const std::string text(code);
    const int found = oath_totp_validate3(secret.data(), secret.size(), seconds(now), OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                                          OATH_TOTP_DEFAULT_START_TIME, window, &position, &counter, text.c_str());
    if (found < 0) return std::nullopt;
    return static_cast<std::int64_t>(counter);
}

std::string totp_code(std::string_view secret, base::Instant at)
{
    start_liboath();
    std::array<char, digits + 1> code{};
    const int made = oath_totp_generate(secret.data(), secret.size(), seconds(at), OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                                        OATH_TOTP_DEFAULT_START_TIME, digits, code.data());
    if (made != OATH_OK) throw std::runtime_error(oath_strerror(made));
    return code.data();
}

std::string base32(std::string_view bytes)
{
    char* text = nullptr;
    std::size_t length = 0;
    if (oath_base32_encode(bytes.data(), bytes.size(), &text, &length) != OATH_OK) throw std::bad_alloc();
    std::string out(text, length);
    std::free(text);
    out.erase(out.find_last_not_of('=') + 1);
    return out;
}

std::string otpauth_url(std::string_view issuer, std::string_view login, std::string_view secret)
{
    const auto house = http::percent_encode(issuer);
    return "otpauth://totp/" + house + ':' + http::percent_encode(login) + "?secret=" + base32(secret) + "&issuer=" + house;
}

} // namespace sportello::api
