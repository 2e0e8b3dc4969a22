// Reads one JSON string a line and answers each with its weighted length on X, a line each.

#include <sportello/domain/text_budget.hpp>

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

int main()
{
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << sportello::domain::weighted_length(nlohmann::json::parse(line).get<std::string>()) << '\n';
    }
}
