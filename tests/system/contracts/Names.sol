// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// What the tests need of ENS: contracts that keep their state where the real ones keep theirs, and that answer the
/// same calls. Everybody may change everything.

/// The registry's records are in slot 0. A name without an owner is looked for in `old`, as the real one does.
contract Registry {
    struct Record {
        address owner;
        address resolver;
        uint64 ttl;
    }

    mapping(bytes32 => Record) records;
    mapping(address => mapping(address => bool)) operators;
    Registry public old;

    function set(bytes32 node, address resolver_) external {
        records[node] = Record(msg.sender, resolver_, 300);
    }

    function setOld(Registry old_) external {
        old = old_;
    }

    function resolver(bytes32 node) external view returns (address) {
        if (records[node].owner == address(0) && address(old) != address(0)) return old.resolver(node);
        return records[node].resolver;
    }
}

/// The layout of the PublicResolver.
contract PublicResolver {
    mapping(bytes32 => uint64) public recordVersions;
    mapping(uint64 => mapping(bytes32 => mapping(uint256 => bytes))) abis;
    mapping(uint64 => mapping(bytes32 => mapping(uint256 => bytes))) addresses;
    mapping(uint64 => mapping(bytes32 => bytes)) hashes;
    mapping(uint64 => mapping(bytes32 => bytes)) zonehashes;
    mapping(uint64 => mapping(bytes32 => mapping(bytes32 => mapping(uint16 => bytes)))) dnsRecords;
    mapping(uint64 => mapping(bytes32 => mapping(bytes32 => uint16))) nameEntriesCount;
    mapping(uint64 => mapping(bytes32 => mapping(bytes4 => address))) interfaces;
    mapping(uint64 => mapping(bytes32 => string)) names;
    mapping(uint64 => mapping(bytes32 => bytes32[2])) pubkeys;
    mapping(uint64 => mapping(bytes32 => mapping(string => string))) texts;

    function setAddr(bytes32 node, address to) external {
        addresses[recordVersions[node]][node][60] = abi.encodePacked(to);
    }

    function setName(bytes32 node, string calldata name_) external {
        names[recordVersions[node]][node] = name_;
    }

    function setText(bytes32 node, string calldata key, string calldata value) external {
        texts[recordVersions[node]][node][key] = value;
    }

    function clearRecords(bytes32 node) external {
        recordVersions[node]++;
    }

    function addr(bytes32 node) external view returns (address) {
        bytes memory to = addresses[recordVersions[node]][node][60];
        return to.length == 20 ? address(bytes20(to)) : address(0);
    }

    function name(bytes32 node) external view returns (string memory) {
        return names[recordVersions[node]][node];
    }

    function text(bytes32 node, string calldata key) external view returns (string memory) {
        return texts[recordVersions[node]][node][key];
    }

    function supportsInterface(bytes4) external pure returns (bool) {
        return false;
    }
}

/// Answers for all names below one: the address is the first label's hash, cut.
contract WildResolver {
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x9061b923;
    }

    function resolve(bytes calldata dns, bytes calldata data) external pure returns (bytes memory) {
        uint256 n = uint8(dns[0]);
        if (bytes4(data[:4]) == 0x59d1d43c) return abi.encode(string(dns[1:1 + n]));
        return abi.encode(address(uint160(uint256(keccak256(dns[1:1 + n])))));
    }
}

/// Keeps nothing on the chain.
contract GatewayResolver {
    error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData);

    function supportsInterface(bytes4) external pure returns (bool) {
        return false;
    }

    function addr(bytes32) external view returns (address) {
        string[] memory urls = new string[](1);
        urls[0] = "https://127.0.0.1:1/{sender}/{data}";
        revert OffchainLookup(address(this), urls, msg.data, this.answer.selector, "");
    }

    function answer(bytes calldata response, bytes calldata) external pure returns (address) {
        return address(bytes20(response));
    }
}
