#include <sportello/http/outbound.hpp>

#include "ascii.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace sportello::http {
namespace {

namespace ip = boost::asio::ip;
using Error = boost::system::error_code;

/// What is not of the open internet (IANA's special-purpose registries), by its first bits.
constexpr std::array<std::string_view, 15> special_v4{"0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
                                                      "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
                                                      "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                                                      "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
constexpr std::array<std::string_view, 3> special_v6{"2001::/23", "2001:db8::/32", "3fff::/20"};

bool within(const ip::address_v4& address, std::string_view network)
{
    const auto net = ip::make_network_v4(std::string(network));
    return (address.to_uint() & net.netmask().to_uint()) == net.network().to_uint();
}

bool within(const ip::address_v6& address, const ip::address_v6& network, int prefix)
{
    const auto a = address.to_bytes();
    const auto b = network.to_bytes();
    for (int bit = 0; bit < prefix; ++bit) {
        const auto mask = static_cast<unsigned char>(0x80U >> (static_cast<unsigned>(bit) % 8U));
        const auto byte = static_cast<std::size_t>(bit) / 8;
        if ((a[byte] & mask) != (b[byte] & mask)) return false;
    }
    return true;
}

bool within(const ip::address_v6& address, std::string_view network)
{
    const auto net = ip::make_network_v6(std::string(network));
    return within(address, net.address(), net.prefix_length());
}

bool is_public(const ip::address_v4& address)
{
    return std::ranges::none_of(special_v4, [&](std::string_view network) { return within(address, network); });
}

/// The IPv4 address that starts at byte `at`.
ip::address_v4 inner_v4(const ip::address_v6& address, std::size_t at)
{
    const auto bytes = address.to_bytes();
    return ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
}

bool is_public(const ip::address_v6& address)
{
    if (within(address, "::ffff:0:0/96") || within(address, "64:ff9b::/96")) return is_public(inner_v4(address, 12));
    if (within(address, "2002::/16")) return is_public(inner_v4(address, 2));
    if (!within(address, "2000::/3")) return false; // all that was ever handed out to networks
    return std::ranges::none_of(special_v6, [&](std::string_view network) { return within(address, network); });
}

std::optional<ip::address> numeric(std::string_view text)
{
    Error error;
    const auto address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    // 127.0.0.1 and ::ffff:127.0.0.1 are one place.
    if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
    return address;
}

bool same_network(const ip::address& address, const ip::address& network, int prefix)
{
    if (address.is_v4() != network.is_v4()) return false;
    if (address.is_v6()) return within(address.to_v6(), network.to_v6(), prefix);
    const std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
    return (address.to_v4().to_uint() & mask) == (network.to_v4().to_uint() & mask);
}

std::optional<int> small_number(std::string_view text, int most)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most) return std::nullopt;
    return number;
}

bool is_host_name(std::string_view text)
{
    constexpr std::string_view fitting = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    return !text.empty() && text.size() <= 253 && text.find_first_not_of(fitting) == std::string_view::npos;
}

constexpr std::array<int, 5> redirects{301, 302, 303, 307, 308};

/// Where a redirect leads; nothing when that cannot be read. Only what servers of files send: whole addresses and paths.
std::optional<std::string> next_place(const Url& from, const Response& response)
{
    const auto location = response.headers.find("Location");
    if (!location || location->empty()) return std::nullopt;
    if (location->starts_with("//")) return from.scheme + ":" + std::string(*location);
    if (location->starts_with('/')) return from.scheme + "://" + host_header(from) + std::string(*location);
    return std::string(*location);
}

ClientOptions options_of(const OutboundOptions& options)
{
    ClientOptions client;
    client.response_limit_bytes = options.response_limit_bytes;
    client.ca_file = options.ca_file;
    client.look_up = options.look_up;
    client.may_connect = [allowed = options.allowed](std::string_view host, std::uint16_t port, std::string_view address) {
        return is_public_address(address) || allowed.allows(host, port, address);
    };
    return client;
}

Exchange refused(std::string why)
{
    Exchange exchange;
    exchange.failure = std::move(why);
    return exchange;
}

} // namespace

bool is_public_address(std::string_view address)
{
    const auto read = numeric(address);
    if (!read) return false;
    return read->is_v4() ? is_public(read->to_v4()) : is_public(read->to_v6());
}

base::Result<AllowedPlaces> AllowedPlaces::parse(const std::vector<std::string>& entries)
{
    AllowedPlaces places;
    for (const std::string& text : entries) {
        const base::Error wrong(base::ErrorKind::invalid_input,
                                "\"" + text + "\" is no host, host:port, address or network (like \"calls.lan:8080\" or \"10.0.0.0/8\")");
        Entry entry;
        std::string_view rest = text;
        std::string_view port;
        if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
            const auto network = numeric(rest.substr(0, slash));
            const auto prefix = network ? small_number(rest.substr(slash + 1), network->is_v4() ? 32 : 128) : std::nullopt;
            if (!prefix) return wrong;
            entry.prefix = *prefix;
            rest = rest.substr(0, slash);
        } else if (rest.starts_with('[')) {
            const auto end = rest.find(']');
            if (end == std::string_view::npos) return wrong;
            port = rest.substr(end + 1);
            rest = rest.substr(1, end - 1);
            if (!numeric(rest) || (!port.empty() && !port.starts_with(':'))) return wrong;
            if (!port.empty()) port.remove_prefix(1);
        } else if (!numeric(rest)) {
            if (const auto colon = rest.rfind(':'); colon != std::string_view::npos) {
                port = rest.substr(colon + 1);
                rest = rest.substr(0, colon);
                if (port.empty()) return wrong;
            }
        }
        for (const char c : rest) entry.host += to_lower(c);
        if (!numeric(entry.host) && !is_host_name(entry.host)) return wrong;
        if (!port.empty()) {
            const auto number = small_number(port, 65'535);
            if (!number || *number == 0) return wrong;
            entry.port = static_cast<std::uint16_t>(*number);
        }
        places.entries_.push_back(std::move(entry));
    }
    return places;
}

bool AllowedPlaces::allows(std::string_view host, std::uint16_t port, std::string_view address) const
{
    if (names(host, port)) return true;
    const auto there = numeric(address);
    return there && std::ranges::any_of(entries_, [&](const Entry& entry) {
               const auto known = numeric(entry.host);
               if (!known || (entry.port != 0 && entry.port != port)) return false;
               return entry.prefix < 0 ? *known == *there : same_network(*there, *known, entry.prefix);
           });
}

bool AllowedPlaces::names(std::string_view host, std::uint16_t port) const
{
    const auto number = numeric(host);
    return std::ranges::any_of(entries_, [&](const Entry& entry) {
        if (entry.port != 0 && entry.port != port) return false;
        if (!number) return entry.prefix < 0 && entry.host == host;
        const auto known = numeric(entry.host);
        if (!known) return false;
        return entry.prefix < 0 ? *known == *number : same_network(*number, *known, entry.prefix);
    });
}

std::string outbound_obstacle(const OutboundOptions& options, std::string_view url)
{
    const auto place = parse_url(url);
    if (!place) return place.error().what();
    // The host of a network that is allowed is known only after the look-up: then the connection decides on its address,
    // but scheme and port have to be the usual ones.
    if (options.allowed.names(place->host, place->port)) return {};
    if (place->scheme != "https") return "only https addresses are gone to, unless [outbound] allow names the host";
    if (std::ranges::find(options.ports, place->port) == options.ports.end())
        return "port " + std::to_string(place->port) + " is not gone to, unless [outbound] allow names the host";
    if (numeric(place->host) && !is_public_address(place->host)) return "the address is not public; [outbound] allow does not name it";
    return {};
}

OutboundClient::OutboundClient(boost::asio::any_io_executor executor, OutboundOptions options)
    : options_(std::move(options)), client_(std::move(executor), options_of(options_))
{
}

OutboundClient::~OutboundClient() = default;

boost::asio::awaitable<Exchange> OutboundClient::send(ClientRequest request)
{
    std::string why = obstacle(request.url);
    if (!why.empty()) co_return refused(std::move(why));
    co_return co_await client_.send(std::move(request));
}

boost::asio::awaitable<Exchange> OutboundClient::fetch(ClientRequest request, int hops, std::function<bool(const Url&)> may_visit)
{
    request.method = Method::get;
    request.body.clear();
    const auto end = std::chrono::steady_clock::now() + request.deadline;
    std::string first_server;
    while (true) {
        const auto place = parse_url(request.url);
        if (!place) co_return refused(place.error().what());
        if (may_visit && !may_visit(*place)) co_return refused("the address is not one of the platform's");
        // What the caller put into the headers is for the first server alone.
        const std::string server = place->scheme + " " + host_header(*place);
        if (first_server.empty()) first_server = server;
        if (server != first_server) request.headers = {};
        request.deadline = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (request.deadline <= std::chrono::milliseconds(0)) co_return refused("the deadline passed: too many redirects");
        Exchange exchange = co_await send(request);
        const bool leads_on = exchange.response && std::ranges::find(redirects, exchange.response->status) != redirects.end();
        if (!leads_on) co_return exchange;
        if (hops-- <= 0) co_return refused("the server redirects too often");
        auto next = next_place(*place, *exchange.response);
        if (!next) co_return refused("the server redirects to nowhere");
        request.url = std::move(*next);
    }
}

} // namespace sportello::http
