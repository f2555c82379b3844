// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// Votes that are counted by blocks or by seconds, as was chosen when they were made (ERC-6372).
abstract contract ClockedVotes is ERC20Votes {
    bool private immutable _isBySeconds;

    constructor(bool isBySeconds) {
        _isBySeconds = isBySeconds;
    }

    function clock() public view override returns (uint48) {
        return _isBySeconds ? Time.timestamp() : Time.blockNumber();
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public view override returns (string memory) {
        return _isBySeconds ? "mode=timestamp" : "mode=blocknumber&from=default";
    }
}
