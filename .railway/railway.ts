/** KnowBot on Railway: one service from the Dockerfile, one volume, no variable. `railway config apply` makes it so. */
import { defineRailway, project, service, volume } from 'railway/iac'

export default defineRailway(() => {
  const data = volume('knowbot-data')
  const knowbot = service('knowbot', {
    build: { builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' },
    // It listens on $PORT by itself. A start command takes the place of the image's entry point, so it names that too.
    start: '/app/tools/docker-entrypoint.sh node src/bin/knowbot.ts serve --workers 1',
    healthcheck: '/api/health',
    healthcheckTimeout: 120,
    replicas: 1, // A volume has one user at a time.
    volumeMounts: { '/app/data': data },
    deploy: {
      restartPolicyType: 'ON_FAILURE',
      restartPolicyMaxRetries: 10,
      overlapSeconds: 0,
      // Railway's own default is none at all: KILL right after TERM. Five more than the server takes for open answers.
      drainingSeconds: 35,
    },
  })
  return project('knowbot', { resources: [knowbot, data] })
})
