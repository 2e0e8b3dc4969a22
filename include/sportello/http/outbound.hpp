#pragma once

#include <sportello/http/client.hpp>
#include <sportello/http/url.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::http {

/// Whether an address is one of the open internet: not of this machine, a private or shared network, a link, a multicast
/// group, documentation or a cloud's metadata. IPv4 inside IPv6 (mapped, NAT64, 6to4) counts as the IPv4 it leads to.
/// @param address  numeric, "203.0.113.7" or "2001:db8::1"; anything else is not public
[[nodiscard]] bool is_public_address(std::string_view address);

/// Places inside that one may go to all the same, as the operator wrote them: "calls.lan", "calls.lan:8080", "10.1.2.3",
/// "[fd00::1]:9000", "10.0.0.0/8".
class AllowedPlaces {
public:
    /// @return invalid_input, naming the first entry that is none of these.
    [[nodiscard]] static base::Result<AllowedPlaces> parse(const std::vector<std::string>& entries);
    /// Whether the operator allows this host (as in the URL) at this address and port.
    [[nodiscard]] bool allows(std::string_view host, std::uint16_t port, std::string_view address) const;
    /// Whether the host itself, by name or number, is written down.
    [[nodiscard]] bool names(std::string_view host, std::uint16_t port) const;

private:
    struct Entry {
        std::string host;       ///< a name or a numeric address
        std::uint16_t port = 0; ///< 0: any
        int prefix = -1;        ///< of a network; -1: `host` is one host
    };
    std::vector<Entry> entries_;
};

struct OutboundOptions {
    AllowedPlaces allowed;
    std::vector<std::uint16_t> ports{443, 8443}; ///< of https; any other only to allowed places
    std::size_t response_limit_bytes = 256 * 1024;
    std::string ca_file;
    LookUp look_up; ///< tests give their own; empty: the system's
};

/// Why an address cannot be gone to, as far as it shows without looking up its host; empty when it may be.
[[nodiscard]] std::string outbound_obstacle(const OutboundOptions& options, std::string_view url);

/// The one way to addresses that people or other systems wrote down: webhooks, alerts, files on platforms.
///
/// https only, unless the operator allows the place. The host is looked up once, every address that is not public is
/// dropped, and the connection goes to one of those left: what the name means a moment later (DNS rebinding) does not
/// matter. Redirects are not followed by send(); fetch() follows a few and checks each like the first.
class OutboundClient final : public Transport {
public:
    OutboundClient(boost::asio::any_io_executor executor, OutboundOptions options);
    ~OutboundClient() override;

    boost::asio::awaitable<Exchange> send(ClientRequest request) override;
    /// A GET that follows at most `hops` redirects. The deadline and the limit are for all of it.
    /// @param may_visit  asked of each address on the way; empty: any
    boost::asio::awaitable<Exchange> fetch(ClientRequest request, int hops, std::function<bool(const Url&)> may_visit = {});
    [[nodiscard]] std::string obstacle(std::string_view url) const { return outbound_obstacle(options_, url); }

private:
    OutboundOptions options_;
    Client client_;
};

} // namespace sportello::http
