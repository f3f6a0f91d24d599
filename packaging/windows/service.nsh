; The helper's service on Windows: made by the installer, which has the rights already, and taken away with the program.
!macro customInstall
  nsExec::ExecToLog '"$SYSDIR\sc.exe" stop CulvertHelper'
  nsExec::ExecToLog '"$SYSDIR\sc.exe" create CulvertHelper binPath= "\"$INSTDIR\resources\culvert-helper.exe\" service" start= auto DisplayName= "Culvert helper"'
  nsExec::ExecToLog '"$SYSDIR\sc.exe" description CulvertHelper "Carries packets of Culvert and changes the network for it"'
  nsExec::ExecToLog '"$SYSDIR\sc.exe" failure CulvertHelper reset= 86400 actions= restart/1000/restart/10000//'
  nsExec::ExecToLog '"$SYSDIR\sc.exe" start CulvertHelper'
!macroend

!macro customUnInstall
  nsExec::ExecToLog '"$SYSDIR\sc.exe" stop CulvertHelper'
  nsExec::ExecToLog '"$SYSDIR\sc.exe" delete CulvertHelper'
!macroend
