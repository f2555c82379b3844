// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ClockedVotes} from "./ClockedVotes.sol";

/// What the Ethereum Attestation Service says of an attestation.
interface IAttestations {
    struct Attestation {
        bytes32 uid;
        bytes32 schema;
        uint64 time;
        uint64 expirationTime;
        uint64 revocationTime;
        bytes32 refUID;
        address recipient;
        address attester;
        bool revocable;
        bytes data;
    }

    function getAttestation(bytes32 uid) external view returns (Attestation memory);
}

/// One person, one vote: an account has one vote while an attestation of the right schema, by an
/// attester whom the community trusts, vouches for it. Votes cannot be given away, only delegated.
///
/// Anyone may register an attestation, and strike out whom none vouches for any more; until that is
/// done the vote stays. A proposal counts those who were registered when its vote began.
/// Who can attest decides who votes: only the community itself (its treasury) names attesters.
contract PeopleRegistry is ClockedVotes {
    IAttestations public immutable attestations;
    bytes32 public immutable schema;
    address public immutable treasury;
    mapping(address attester => bool) public isAttester;
    mapping(address person => bytes32 uid) public attestationOf;

    event Registered(address indexed person, bytes32 indexed uid, address indexed attester);
    event Struck(address indexed person, bytes32 indexed uid);
    event AttesterSet(address indexed attester, bool trusted);

    error NotValid(bytes32 uid);
    error StillValid(address person);
    error AlreadyRegistered(address person);
    error NotRegistered(address person);
    error NotTransferable();
    error OnlyTreasury();

    constructor(
        string memory name,
        string memory symbol,
        bool isBySeconds,
        address eas,
        bytes32 schemaUid,
        address[] memory attesters,
        bytes32[] memory uids,
        address owner
    ) ERC20(name, symbol) EIP712(name, "1") ClockedVotes(isBySeconds) {
        attestations = IAttestations(eas);
        schema = schemaUid;
        treasury = owner;
        for (uint256 i = 0; i < attesters.length; i++) _setAttester(attesters[i], true);
        for (uint256 i = 0; i < uids.length; i++) _register(IAttestations(eas), schemaUid, uids[i]);
    }

    function decimals() public pure override returns (uint8) {
        return 0;
    }

    /// Registers the attestation's recipient.
    function register(bytes32 uid) external {
        _register(attestations, schema, uid);
    }

    /// Registers those that can be; says for each whether it was.
    function registerMany(bytes32[] calldata uids) external returns (bool[] memory done) {
        done = new bool[](uids.length);
        for (uint256 i = 0; i < uids.length; i++) {
            try this.register(uids[i]) {
                done[i] = true;
            } catch {}
        }
    }

    /// Takes the vote of a person whose attestation was revoked, has expired, or is by an attester
    /// who is not trusted any more.
    function strike(address person) external {
        bytes32 uid = attestationOf[person];
        require(uid != 0, NotRegistered(person));
        require(!_isValid(attestations, schema, attestations.getAttestation(uid), uid), StillValid(person));
        delete attestationOf[person];
        _burn(person, 1);
        emit Struck(person, uid);
    }

    /// Whether strike would take the person's vote now.
    function canStrike(address person) external view returns (bool) {
        bytes32 uid = attestationOf[person];
        return uid != 0 && !_isValid(attestations, schema, attestations.getAttestation(uid), uid);
    }

    function setAttester(address attester, bool trusted) external {
        require(msg.sender == treasury, OnlyTreasury());
        _setAttester(attester, trusted);
    }

    function _setAttester(address attester, bool trusted) private {
        isAttester[attester] = trusted;
        emit AttesterSet(attester, trusted);
    }

    // The first two by value: immutables cannot be read while the contract is being made.
    function _isValid(IAttestations eas, bytes32 schemaUid, IAttestations.Attestation memory a, bytes32 uid)
        private
        view
        returns (bool)
    {
        return address(eas) != address(0) && uid != 0 && a.uid == uid && a.schema == schemaUid && isAttester[a.attester]
            && a.recipient != address(0) && a.revocationTime == 0
            && (a.expirationTime == 0 || a.expirationTime > block.timestamp);
    }

    function _register(IAttestations eas, bytes32 schemaUid, bytes32 uid) private {
        IAttestations.Attestation memory a = eas.getAttestation(uid);
        require(_isValid(eas, schemaUid, a, uid), NotValid(uid));
        bytes32 old = attestationOf[a.recipient];
        if (old == 0) {
            _mint(a.recipient, 1);
            if (delegates(a.recipient) == address(0)) _delegate(a.recipient, a.recipient);
        } else {
            // Another one takes the place of one that does not hold any more; the vote stays.
            require(old != uid && !_isValid(eas, schemaUid, eas.getAttestation(old), old), AlreadyRegistered(a.recipient));
        }
        attestationOf[a.recipient] = uid;
        emit Registered(a.recipient, uid, a.attester);
    }

    function _update(address from, address to, uint256 value) internal override {
        require(from == address(0) || to == address(0), NotTransferable());
        super._update(from, to, value);
    }
}
