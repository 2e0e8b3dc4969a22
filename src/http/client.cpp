#include <sportello/http/client.hpp>

#include "client_exchange.hpp"

namespace sportello::http {

struct Client::Impl : ClientState {
    using ClientState::ClientState;
};

Client::Client(boost::asio::any_io_executor executor, ClientOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(options)))
{
}

Client::~Client() = default;

boost::asio::awaitable<Exchange> Client::send(ClientRequest request)
{
    return ClientExchange::run(std::make_shared<ClientExchange>(impl_, std::move(request)));
}

} // namespace sportello::http
