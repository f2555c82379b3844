// Verify answers: is this true that I was given, who says so, and as of when?
import { useSignal } from '@preact/signals'
import { readsCodes } from '../code'
import type { Found } from '../identity'
import { AttestNav, isLacking, NoIdentity } from '../parts/AttestNav'
import { ProofFound } from '../parts/ProofFound'
import { ProofGive } from '../parts/ProofGive'
import { Title } from '../parts/Title'
import { attestNews } from '../node'

export function IdentityVerify() {
  const found = useSignal<Found | null>(null)
  const isThere = !isLacking() && attestNews.value !== null
  return (
    <>
      <Title tab="Verify" lede="A proof bundle, an attestation, a link, a token or a uid. Nothing of it is believed: each step is checked by your own node.">
        Verify something you were given
      </Title>
      {isThere ? (
        <>
          <AttestNav />
          <div class="stack narrow">
            <ProofGive onFound={f => (found.value = f)} label="Bundle, attestation, link, token or uid">
              A proof bundle is checked without a network. {readsCodes ? 'A picture of a QR code works too.' : 'This browser reads no QR codes: paste the link that is in one.'}
            </ProofGive>
            {found.value && <ProofFound found={found.value} />}
          </div>
        </>
      ) : (
        <NoIdentity />
      )}
    </>
  )
}
