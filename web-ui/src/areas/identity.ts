// Who one is, and what others attest: DIDs, attestations, proofs, the circle.
export { Identity } from '../screens/Identity'
export { IdentityAttestation } from '../screens/IdentityAttestation'
export { IdentityCircle } from '../screens/IdentityCircle'
export { IdentityDid } from '../screens/IdentityDid'
export { IdentityIssue } from '../screens/IdentityIssue'
export { IdentitySchemas } from '../screens/IdentitySchemas'
export { IdentityVerify } from '../screens/IdentityVerify'
