// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Sends many signed ballots in one transaction. One that a governor refuses does not stop the
/// others. It has no rights of its own: whatever it is given, it can do no more than a stranger.
contract BallotRelay {
    uint256 private constant REASON_MAX = 260;

    /// The governor refused calls[index]; reason: its first 260 bytes.
    event Refused(address indexed governor, uint256 index, bytes reason);

    error NoGovernor(address governor);
    error TooLittleGas(uint256 index);

    /// calls: castVoteBySig and its like, encoded. gasEach: what one of them may take, so that a
    /// voter that is a contract cannot use up what the others need.
    function relay(address governor, bytes[] calldata calls, uint256 gasEach) external returns (uint256 accepted) {
        require(governor.code.length != 0, NoGovernor(governor));
        for (uint256 i = 0; i < calls.length; i++) {
            // Less would reach the governor, which would look like a refusal.
            require(gasleft() > gasEach + gasEach / 63 + 40000, TooLittleGas(i));
            if (_send(governor, calls[i], gasEach)) accepted++;
            else emit Refused(governor, i, _reason());
        }
    }

    function _send(address governor, bytes calldata data, uint256 gasEach) private returns (bool ok) {
        assembly ("memory-safe") {
            let p := mload(0x40)
            calldatacopy(p, data.offset, data.length)
            ok := call(gasEach, governor, 0, p, data.length, 0, 0)
        }
    }

    // A governor may answer with any number of bytes; copying them all could cost all gas.
    function _reason() private pure returns (bytes memory reason) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, REASON_MAX) { size := REASON_MAX }
            reason := mload(0x40)
            mstore(reason, size)
            returndatacopy(add(reason, 32), 0, size)
            mstore(0x40, and(add(add(reason, 63), size), not(31)))
        }
    }
}
